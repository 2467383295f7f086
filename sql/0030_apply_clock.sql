-- One clock for what several machines compare: the lease of an attempt, and since when its request may be under way.
-- Their own clocks may be minutes apart (DESIGN 6, rule 6). A function of its own, so that a test can move it.
create function apply_clock() returns timestamptz
  language sql volatile
  set search_path = pg_catalog, pg_temp
as $$ select clock_timestamp() $$;
