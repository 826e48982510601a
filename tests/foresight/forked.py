"""The process that Spark forks its Python workers from, which here has imported what they need."""

from pyspark.daemon import manager

import dealgate.assemble.spark
from dealgate.kinds import KINDS

assert dealgate.assemble.spark.kernel
assert KINDS["qualify"]

if __name__ == "__main__":
    manager()
