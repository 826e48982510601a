"""The process that Spark forks its Python workers from, which here has imported what they need."""

from pyspark.daemon import manager

from dealgate.assemble import spark
from dealgate.kinds import KINDS

LOADED = spark.kernel, KINDS["qualify"]

if __name__ == "__main__":
    manager()
