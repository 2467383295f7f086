-- A list handed over on the page "Tableur", while whoever handed it over reads what it would give (issue 4). Its bytes
-- stand here, not among the snapshots, which only grow: one that nobody confirms leaves as it came. The slot bounds what
-- one person keeps in one region, whatever is sent at once.
create table list_preview (
  region text not null references region_state (region),
  person uuid not null references person (id),
  slot smallint not null check (slot between 1 and 5),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  file_name text not null,
  bytes bytea not null check (octet_length(bytes) <= 16777216),
  shown_at timestamptz not null,
  primary key (region, person, slot)
);
create index list_preview_age on list_preview (region, shown_at);
grant select, insert, update, delete on list_preview to filror_app;
