"""Shares counted and added up by Apache Spark: its session, what its executors run, and the job.

Nothing here knows what a share is: share numbers go out, bytes come back.
"""
