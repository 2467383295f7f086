-- Errors that readers of the served offer report to the PEMR. Append-only: what was reported, then how it ended.
create table reader_report (
  region text not null references region_state (region),
  no bigint generated always as identity,
  id uuid not null,
  received_at timestamptz not null,
  -- Client of the token: a tool, never a person.
  client text not null check (client <> ''),
  type text not null check (type in ('HealthcareService', 'Organization', 'Location')),
  resource_id text not null,
  -- TRE_R349, TRE_R350.
  action text not null check (action in ('AJO', 'COR', 'SUP')),
  theme text not null check (theme ~ '^0[1-6]$'),
  -- Free texts, without phone number nor e-mail.
  element text check (length(element) <= 200),
  wrong_value text check (length(wrong_value) <= 500),
  proposed_value text check (length(proposed_value) <= 500),
  description text check (length(description) <= 1000),
  primary key (region, no),
  unique (region, id)
);
create table reader_report_end (
  region text not null,
  report bigint not null,
  at timestamptz not null,
  person uuid not null references person (id),
  -- `corrected` (08): declared, or mended by the hospital. `refused` (09): the offer is right.
  outcome text not null check (outcome in ('corrected', 'refused')),
  reason text not null check (length(trim(reason)) > 0),
  primary key (region, report),
  foreign key (region, report) references reader_report (region, no)
);
do $$
declare
  t text;
begin
  foreach t in array array['reader_report', 'reader_report_end'] loop
    execute format('create trigger append_only before update or delete or truncate on %I
      for each statement execute function refuse_change()', t);
  end loop;
end $$;
grant select, insert on reader_report, reader_report_end to filror_app;
