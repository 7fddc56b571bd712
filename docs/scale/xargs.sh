#!/bin/sh
# All numbers of a workspace, in N shares, P at a time, on this machine.
#   sh xargs.sh WORKSPACE N P > numbers.jsonl
set -eu
parts="$(mktemp -d)"
trap 'rm -rf "$parts"' EXIT
connector-analytics plan -w "$1" -o "$parts/plan.json" --shares "$2" >&2
seq 0 "$(($2 - 1))" |
  POLARS_MAX_THREADS=1 xargs -P "$3" -I '{}' connector-analytics partial "$parts/plan.json" --shard "{}/$2" -o "$parts" >&2
connector-analytics merge "$parts/plan.json" "$parts"
