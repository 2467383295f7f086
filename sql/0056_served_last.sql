-- Of each resource of a view, its last version, which alone is told: what the repository stopped showing us, or shows to
-- fewer people, must not be read in an older version (decision 0006). Histories, exports and readings by version start
-- here, so that they pass over no version that is not told; the older ones stay for the numbers that offers once had.
create table served_last (
  region text not null references region_state (region),
  view text not null check (view ~ '^(fhir|ror)\.(public|professional|regulation)$'),
  type text not null check (type in ('HealthcareService', 'Organization', 'Location')),
  id text not null,
  no bigint not null,
  version integer not null,
  at timestamptz not null,
  -- It left.
  gone boolean not null,
  -- It left because this audience may not see it, or was of a sensitive unit when it left.
  withheld boolean not null,
  -- Number of its first version.
  first_no bigint not null,
  primary key (region, view, type, id),
  foreign key (region, no) references served_version (region, no),
  check (gone or not withheld)
);
create unique index served_last_no on served_last (region, view, no);
create index served_last_type on served_last (region, view, type, no);

insert into served_last (region, view, type, id, no, version, at, gone, withheld, first_no)
select distinct on (region, view, type, id) region, view, type, id, no, version, at, body is null,
  -- Not known of what left before: as if it were.
  body is null, min(no) over (partition by region, view, type, id)
from served_version order by region, view, type, id, version desc;

create function served_last_advances() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if new.no < old.no then
    raise exception 'Ce qui est servi de % % ne revient pas à une version passée (n° %).', new.type, new.id, old.no
      using errcode = 'restrict_violation',
            hint = 'Que faire : n''écrivez pas dans cette table, « filror publish » la tient.';
  end if;
  return new;
end
$$;
revoke all on function served_last_advances() from public;
create trigger advances before update on served_last for each row execute function served_last_advances();
grant select, insert on served_last to filror_app;
grant update (no, version, at, gone, withheld) on served_last to filror_app;
