-- Centres, what people answered, what is proposed, who decided, what was written.

create table centre (
  region text not null references region_state (region),
  id text not null check (id ~ '^cmr_[a-z2-7]{16}$'),
  run_id text not null,
  primary key (region, id)
);

-- Observation key -> centre. Append-only: the last row of a key holds.
create table centre_key (
  no bigint generated always as identity primary key,
  region text not null,
  source text not null,
  key text not null,
  centre text not null,
  -- 'new', or the rule that recognised the centre under another spelling.
  rule text not null,
  run_id text not null,
  foreign key (region, centre) references centre (region, id)
);
create index centre_key_latest on centre_key (region, source, key, no desc);

-- Answers of people to questions, before any approval. Append-only; an answer is undone by another one.
create table answer (
  no bigint generated always as identity primary key,
  region text not null references region_state (region),
  kind text not null check (kind in
    ('complete', 'match', 'matchReject', 'attach', 'create', 'continuity', 'withdraw', 'close', 'undo')),
  -- Centre id, or `mention:<folded hospital|town|département>` for a match.
  subject text not null,
  body jsonb not null,
  author uuid not null references person (id),
  at timestamptz not null
);
create index answer_subject on answer (region, subject, no);

create table plan_input (
  region text not null,
  run_id text not null,
  -- {source: delivery no}
  deliveries jsonb not null,
  config_hash text not null,
  code_version text not null,
  answer_no bigint not null,
  decision_no bigint not null,
  mirror_no bigint not null,
  applied_no bigint not null,
  centre_key_no bigint not null,
  link_no bigint not null,
  instant timestamptz not null,
  primary key (region, run_id),
  foreign key (region, run_id) references run (region, id)
);

create table change (
  region text not null,
  id text not null,
  no bigint generated always as identity unique,
  run_id text not null,
  kind text not null check (kind in ('create', 'attach', 'modify', 'enrich', 'withdraw', 'close')),
  state text not null check (state in ('toComplete', 'toReconfirm', 'question', 'proposed', 'approved', 'rejected',
    'conflict', 'transmitted', 'uncertain', 'applied', 'superseded', 'expired')),
  target text not null,
  centres text[] not null,
  hash text not null check (hash ~ '^[0-9a-f]{64}$'),
  reasons jsonb not null,
  -- Number of distinct people who must approve.
  quorum integer not null check (quorum between 1 and 3),
  opened_at timestamptz not null,
  closed_at timestamptz,
  primary key (region, id),
  unique (region, id, hash),
  foreign key (region, run_id) references run (region, id)
);
-- At most one open change per offer.
create unique index change_open on change (region, target)
  where state in ('toComplete', 'toReconfirm', 'question', 'proposed', 'approved', 'conflict', 'transmitted', 'uncertain');

create table field_change (
  region text not null,
  change_id text not null,
  position integer not null,
  key text not null,
  path text not null,
  operation text not null check (operation in ('add', 'replace', 'delete')),
  -- JSON texts, kept as text: numbers stay as written. Null is absence.
  base text,
  before text,
  after text,
  conflict boolean not null,
  channel text not null check (channel in ('ror', 'served')),
  assumed boolean not null,
  text text not null,
  provenance jsonb not null,
  primary key (region, change_id, position),
  unique (region, change_id, key),
  foreign key (region, change_id) references change (region, id)
);

-- Every person on whose act a shown value rests. None of them may approve.
create table change_author (
  region text not null,
  change_id text not null,
  person uuid not null references person (id),
  why text not null check (why in ('completion', 'override', 'declaration', 'import', 'match', 'site', 'attachOrCreate', 'continuity')),
  primary key (region, change_id, person, why),
  foreign key (region, change_id) references change (region, id)
);

-- Rights are rows: absent, revoked or too old, an approval does not count when applying.
create table person_grant (
  no bigint generated always as identity primary key,
  person uuid not null references person (id),
  role text not null check (role in ('reader', 'operator', 'reviewer', 'establishment', 'administrator')),
  region text not null,
  granted_at timestamptz not null,
  confirmed_at timestamptz not null,
  revoked_at timestamptz
);
create unique index person_grant_active on person_grant (person, role, region) where revoked_at is null;

create table decision (
  no bigint generated always as identity primary key,
  region text not null,
  change_id text not null,
  -- What was shown: the approval is worth for this hash and no other.
  hash text not null,
  verdict text not null check (verdict in ('approve', 'reject')),
  person uuid not null references person (id),
  reason text,
  at timestamptz not null,
  foreign key (region, change_id, hash) references change (region, id, hash),
  check (verdict <> 'reject' or coalesce(length(trim(reason)), 0) > 0)
);
create unique index decision_once on decision (region, change_id, hash, person, verdict);

-- Four eyes, in the database: an author never approves, whoever writes the row and in whichever order.
create function refuse_author_approval() returns trigger language plpgsql as $$
begin
  if new.verdict = 'approve' then
    -- The change row is taken so that an author added at the same instant is seen.
    perform 1 from change c where c.region = new.region and c.id = new.change_id for update;
    if exists (select 1 from change_author a
               where a.region = new.region and a.change_id = new.change_id and a.person = new.person) then
      raise exception 'FILROR_FOUR_EYES: an author of change % cannot approve it', new.change_id
        using errcode = 'check_violation';
    end if;
    if not exists (select 1 from change c where c.region = new.region and c.id = new.change_id
                   and c.state in ('proposed', 'approved')) then
      raise exception 'FILROR_NOT_APPROVABLE: change % is not in a state that can be approved', new.change_id
        using errcode = 'check_violation';
    end if;
  end if;
  return new;
end $$;
create trigger decision_four_eyes before insert on decision for each row execute function refuse_author_approval();

create function refuse_approver_authorship() returns trigger language plpgsql as $$
begin
  perform 1 from change c where c.region = new.region and c.id = new.change_id for update;
  if exists (select 1 from decision d where d.region = new.region and d.change_id = new.change_id
             and d.person = new.person and d.verdict = 'approve') then
    raise exception 'FILROR_FOUR_EYES: person % already approved change %', new.person, new.change_id
      using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger author_four_eyes before insert on change_author for each row execute function refuse_approver_authorship();

-- An offer that we know: attached to or created. Its identifier is the ROR's.
create table offer (
  region text not null references region_state (region),
  identifier text not null,
  created_by_us boolean not null,
  eg text,
  primary key (region, identifier)
);

create table centre_offer (
  no bigint generated always as identity primary key,
  region text not null,
  centre text not null,
  identifier text not null,
  -- False once the centre was withdrawn from the offer.
  linked boolean not null,
  attempt bigint,
  foreign key (region, centre) references centre (region, id),
  foreign key (region, identifier) references offer (region, identifier)
);

create table apply_attempt (
  no bigint generated always as identity primary key,
  region text not null,
  change_id text not null,
  hash text not null,
  target text not null,
  way text not null check (way in ('patch', 'post', 'put', 'none')),
  -- Identifier reserved for a creation when the client gives it.
  identifier text,
  remote_id text,
  -- What is about to be sent, recorded before it is.
  request_path text not null,
  request_body text not null,
  state text not null check (state in ('open', 'done', 'refused', 'uncertain', 'abandoned')),
  fence integer not null default 1,
  lease_until timestamptz not null,
  sent_at timestamptz,
  ended_at timestamptz,
  outcome jsonb,
  foreign key (region, change_id, hash) references change (region, id, hash)
);
-- One writer per offer: the open attempt row, not a lock that dies with its connection.
create unique index apply_attempt_open on apply_attempt (region, target) where state in ('open', 'uncertain');

-- The base: what was read back after we wrote. Append-only; the last row of a key holds.
create table applied_element (
  no bigint generated always as identity primary key,
  region text not null,
  identifier text not null,
  key text not null,
  -- What the offer said before us (null: nothing), restored by a withdrawal.
  before_us text,
  sent text,
  -- What was read back; null once we have taken the element back.
  read_back text,
  centres text[] not null,
  channel text not null check (channel in ('ror', 'served')),
  attempt bigint,
  at timestamptz not null
);
create index applied_element_latest on applied_element (region, identifier, key, no desc);

create table identifier_range (
  region text primary key references region_state (region),
  next bigint not null
);

-- Append-only: rights keep the application from changing these; the triggers keep the owner from doing it by mistake.
do $$
declare
  t text;
begin
  foreach t in array array['snapshot', 'snapshot_chunk', 'delivery', 'rejected_row', 'remote_version', 'centre',
    'centre_key', 'answer', 'plan_input', 'field_change', 'change_author', 'decision', 'offer', 'centre_offer',
    'applied_element'] loop
    execute format('create trigger append_only before update or delete or truncate on %I
      for each statement execute function refuse_change()', t);
  end loop;
end $$;

grant select, insert on centre, centre_key, answer, plan_input, field_change, change_author, decision, offer,
  centre_offer, applied_element to filror_app;
grant select, insert on change to filror_app;
grant update (state, closed_at, reasons) on change to filror_app;
grant select, insert on person_grant to filror_app;
grant update (confirmed_at, revoked_at) on person_grant to filror_app;
grant select, insert, update on apply_attempt, identifier_range to filror_app;

-- Nothing is sent that not enough entitled people accepted in exactly this form.
create function refuse_unapproved_attempt() returns trigger language plpgsql as $$
declare
  wanted integer;
  given integer;
begin
  select c.quorum into wanted from change c
    where c.region = new.region and c.id = new.change_id and c.hash = new.hash
      and c.state in ('approved', 'uncertain') for update;
  if wanted is null then
    raise exception 'FILROR_NOT_APPROVED: change % is not approved in this form', new.change_id
      using errcode = 'check_violation';
  end if;
  select count(distinct d.person) into given from decision d
    where d.region = new.region and d.change_id = new.change_id and d.hash = new.hash and d.verdict = 'approve'
      and not exists (select 1 from change_author a
        where a.region = d.region and a.change_id = d.change_id and a.person = d.person)
      and exists (select 1 from person_grant g
        where g.person = d.person and g.region = d.region and g.role = 'reviewer' and g.revoked_at is null);
  if given < wanted then
    raise exception 'FILROR_NOT_APPROVED: change % has % of % approvals', new.change_id, given, wanted
      using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger attempt_needs_approval before insert on apply_attempt
  for each row execute function refuse_unapproved_attempt();
