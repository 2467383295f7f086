-- How far a run is goes when the run ends: a quiet run writes its own row and nothing else (issue 3).
grant delete on run_progress to filror_app;
