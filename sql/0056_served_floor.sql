-- What was shown to an audience once and may be shown to it no more is not told by older versions either: below its
-- floor a version of a resource is not read, nor found in a history, nor written into an export. The last version of a
-- resource is always above its floor, so that who follows the history misses nothing.
create table served_floor (
  region text not null references region_state (region),
  view text not null check (view ~ '^(fhir|ror)\.(public|professional|regulation)$'),
  type text not null check (type in ('HealthcareService', 'Organization', 'Location')),
  id text not null,
  -- Versions numbered below are not shown.
  no bigint not null check (no >= 0),
  -- The whole resource is withheld from this audience: its unit is sensitive.
  withheld boolean not null,
  -- Hashes of what is cut: one more raises the floor.
  hidden text[] not null,
  primary key (region, view, type, id)
);

create function served_floor_rises() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if new.no < old.no then
    raise exception 'Ce qui n''est plus montré ne l''est pas de nouveau (% % sous le n° %).', new.type, new.id, old.no
      using errcode = 'restrict_violation',
            hint = 'Que faire : n''écrivez pas dans cette table, « filror publish » la tient.';
  end if;
  return new;
end
$$;
revoke all on function served_floor_rises() from public;
create trigger rises before update on served_floor for each row execute function served_floor_rises();
grant select, insert on served_floor to filror_app;
grant update (no, withheld, hidden) on served_floor to filror_app;

-- Other rules of cutting: what older rules showed is not shown by older versions any more.
alter table served_head
  add column cut text not null default '',
  add column floor bigint not null default 0 check (floor >= 0);
grant update (cut, floor) on served_head to filror_app;

create or replace function served_head_advances() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if new.no < old.no or new.at < old.at or new.floor < old.floor then
    raise exception 'La suite de ce qui est servi ne recule pas (n° %, après %).', new.no, old.no
      using errcode = 'restrict_violation',
            hint = 'Que faire : n''écrivez pas dans cette table, « filror publish » la tient.';
  end if;
  return new;
end
$$;
