-- How far a run is, for who watches it (issue 3). Unlogged: after a crash nobody asks how far a run was.
create unlogged table run_progress (
  region text not null,
  run_id text not null,
  -- Words of the run's own events: collecte, miroir, lecture …, plan.
  step text not null,
  done bigint not null,
  -- Null when it is not known.
  total bigint,
  at timestamptz not null,
  primary key (region, run_id),
  foreign key (region, run_id) references run (region, id)
);
grant select, insert, update on run_progress to filror_app;
