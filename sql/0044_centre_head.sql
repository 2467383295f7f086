-- The head of a centre, as a person declared it (issue 3): the public professional name, for signed-in professionals only
-- (DESIGN 6, rule 9). It is no element of an offer, stands in no journal and in no export, and only the present one is
-- kept: the application replaces and erases it.
create table centre_head (
  region text not null,
  centre text not null,
  name text not null check (name <> '' and length(name) <= 120 and name !~ '[[:cntrl:]]'),
  -- Since when, and what proves it.
  since date not null,
  proof text not null check (proof <> ''),
  declared_by uuid not null references person (id),
  declared_at timestamptz not null,
  primary key (region, centre),
  foreign key (region, centre) references centre (region, id)
);
grant select, insert, update, delete on centre_head to filror_app;
