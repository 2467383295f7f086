-- A labelling order read from its PDF (issue: the order as a draft list): what was read is a proposal, and counts line by
-- line, once a person said that it is right.
create table order_draft (
  region text not null references region_state (region),
  id text not null check (id ~ '^[a-z2-7]{8}$'),
  sha256 text not null references snapshot (sha256),
  file_name text not null check (file_name <> ''),
  -- Year of the order's campaign, given by whoever had it read.
  campaign text not null check (campaign ~ '^(19|20)[0-9]{2}$'),
  pages integer not null check (pages > 0),
  -- Numbers of the pages without a text, and of those with text and no row.
  textless jsonb not null,
  outside jsonb not null,
  code_version text not null,
  read_by uuid not null references person (id),
  read_at timestamptz not null,
  primary key (region, id),
  unique (region, sha256),
  -- Locators name the file: two orders of one name could not be told apart.
  unique (region, file_name)
);
create table order_line (
  region text not null,
  draft text not null,
  line integer not null check (line > 0),
  page integer not null check (page > 0),
  -- What was read by column, names of people left out; empty for a line that was not understood.
  cells jsonb not null,
  doubts jsonb not null,
  primary key (region, draft, line),
  foreign key (region, draft) references order_draft (region, id)
);
-- Words of a line that may name people: they can be erased, and stand in no table that only grows (DESIGN 5).
create table order_line_words (
  region text not null,
  draft text not null,
  line integer not null,
  head text not null,
  other text not null,
  primary key (region, draft, line),
  foreign key (region, draft, line) references order_line (region, draft, line)
);
create table order_decision (
  region text not null,
  no bigint generated always as identity,
  draft text not null,
  line integer not null,
  kind text not null check (kind in ('validate', 'discard', 'undo')),
  -- By column, what the person put in place of what was read; never a name of a person.
  corrections jsonb not null,
  reason text check (length(trim(reason)) > 0),
  person uuid not null references person (id),
  at timestamptz not null,
  primary key (region, no),
  foreign key (region, draft, line) references order_line (region, draft, line),
  check (kind = 'validate' or corrections = '{}'),
  check (kind <> 'discard' or reason is not null)
);
create index order_decision_line on order_decision (region, draft, line, no desc);
do $$
declare
  t text;
begin
  foreach t in array array['order_draft', 'order_line', 'order_decision'] loop
    execute format('create trigger append_only before update or delete or truncate on %I
      for each statement execute function refuse_change()', t);
  end loop;
end $$;
grant select, insert on order_draft, order_line, order_decision to filror_app;
grant select, insert, update, delete on order_line_words to filror_app;
