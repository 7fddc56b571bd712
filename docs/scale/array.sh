#!/bin/sh
#SBATCH --job-name=campaign-numbers
#SBATCH --array=0-63
#SBATCH --cpus-per-task=2
#SBATCH --mem=4G
#SBATCH --requeue
# One task a share; SLURM_ARRAY_TASK_ID says which. The array has to be 0 to N-1 of the plan.
#   sbatch array.sh PLAN DIR
# Then, once all tasks are done:
#   connector-analytics merge PLAN DIR > numbers.jsonl
set -eu
export POLARS_MAX_THREADS="${SLURM_CPUS_PER_TASK:-2}"
exec connector-analytics partial "$1" -o "$2"
