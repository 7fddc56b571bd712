"""All numbers of a workspace on a cluster, started by spark-submit.

spark-submit --master yarn --deploy-mode client on_spark.py WORKSPACE NUMBERS

WORKSPACE lies in the same directory on the driver and on all executors; the Python of all, which PYSPARK_PYTHON names,
has the same version of connector-analytics[spark]. NUMBERS is written here, for spark-submit mixes what a program
prints with what it complains about.
"""

import sys
from contextlib import redirect_stdout
from pathlib import Path

from analytics_core.cli import main

workspace, numbers = sys.argv[1:]
sys.argv = ["connector-analytics", "metrics", "--all", "--json", "--engine", "spark", "--workspace", workspace]
with Path(numbers).open("w", encoding="utf-8") as file, redirect_stdout(file):
    main()
