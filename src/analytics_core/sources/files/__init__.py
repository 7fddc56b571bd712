"""Files as they come: CSV, JSON lines, Parquet, Avro, plain or compressed."""
