"""What is counted while the centre runs, for Prometheus. No label ever names a person, a record or a place."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Histogram("husec_request_seconds", "Time to answer, by route", ["method", "route", "status"])
REFUSALS = Counter("husec_refusals_total", "Requests refused as a whole, by code", ["code"])
OUTCOMES = Counter("husec_outcomes_total", "Mutations received, by outcome and code", ["outcome", "code"])
PULLED_ROWS = Counter("husec_pulled_rows_total", "Rows sent to devices", ["kind"])
UPLOADED_BYTES = Counter("husec_uploaded_bytes_total", "Bytes of files received")
JOB_RUNS = Counter("husec_job_runs_total", "Runs of jobs, by how they ended", ["job", "result"])
LAST_BACKUP = Gauge("husec_last_verified_backup_seconds", "When the last verified backup was taken, in Unix time")
WRONG_BUCKETS = Gauge("husec_wrong_buckets", "Buckets whose checksum differed from their entries when last compared")
