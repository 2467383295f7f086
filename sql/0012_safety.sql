-- Four eyes hold against whoever writes the rows: what 0011 refused, refused also to somebody who prepares the session.
-- Messages begin with a constant that the code looks for; the rest is for the person, with its remedy.

-- In a transaction with an older view, a row that somebody else committed meanwhile is not seen, though its change was
-- taken: the three functions below look at the present or refuse.
create function require_present_view() returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
    raise exception 'FILROR_OLD_VIEW : une décision ou un envoi ne s''enregistre qu''en READ COMMITTED.'
      using errcode = 'check_violation',
            hint = 'Que faire : retirez default_transaction_isolation du compte ou de la base, puis recommencez.';
  end if;
end
$$;

-- What the configuration says of a region, for the functions below: whether it is a sandbox (elsewhere a persona of the
-- configuration is nobody), and how long a confirmed right counts. The application writes it before it decides or sends.
alter table region_state
  add column sandbox boolean not null default false,
  add column grant_max_age interval not null default interval '90 days' check (grant_max_age > interval '0');

-- Every login may create temporary tables, and their schema comes first unless a function says otherwise. The right to
-- create them stays (readings are staged in them): each name below is written with its schema instead.
create or replace function refuse_author_approval() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if new.verdict = 'approve' then
    perform public.require_present_view();
    -- The change row is taken so that an author added at the same instant is seen.
    perform 1 from public.change c where c.region = new.region and c.id = new.change_id for update;
    if exists (select 1 from public.change_author a
               where a.region = new.region and a.change_id = new.change_id and a.person = new.person) then
      raise exception 'FILROR_FOUR_EYES : cette personne est à l''origine d''une valeur du changement %.', new.change_id
        using errcode = 'check_violation',
              hint = 'Que faire : demandez l''approbation à une autre personne.';
    end if;
    if not exists (select 1 from public.change c where c.region = new.region and c.id = new.change_id
                   and c.state in ('proposed', 'approved')) then
      raise exception 'FILROR_NOT_APPROVABLE : le changement % n''est pas dans un état qui s''approuve.', new.change_id
        using errcode = 'check_violation',
              hint = 'Que faire : voyez ce qui manque avec « filror show ».';
    end if;
  end if;
  return new;
end
$$;

create or replace function refuse_approver_authorship() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform public.require_present_view();
  perform 1 from public.change c where c.region = new.region and c.id = new.change_id for update;
  if exists (select 1 from public.decision d where d.region = new.region and d.change_id = new.change_id
             and d.person = new.person and d.verdict = 'approve') then
    raise exception 'FILROR_FOUR_EYES : cette personne a déjà approuvé le changement %.', new.change_id
      using errcode = 'check_violation',
            hint = 'Que faire : recalculez le plan avec « filror sync » ; le changement sera proposé de nouveau.';
  end if;
  return new;
end
$$;

-- Nothing is sent that not enough entitled people accepted in exactly this form.
create or replace function refuse_unapproved_attempt() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  wanted integer;
  given integer;
begin
  perform public.require_present_view();
  select c.quorum into wanted from public.change c
    where c.region = new.region and c.id = new.change_id and c.hash = new.hash
      and c.state in ('approved', 'uncertain') for update;
  if wanted is null then
    raise exception 'FILROR_NOT_APPROVED : le changement % n''est pas approuvé sous cette forme.', new.change_id
      using errcode = 'check_violation',
            hint = 'Que faire : faites approuver le changement, tel que « filror show » le montre.';
  end if;
  select count(distinct d.person) into given from public.decision d
    join public.person p on p.id = d.person
    join public.region_state r on r.region = d.region
    where d.region = new.region and d.change_id = new.change_id and d.hash = new.hash and d.verdict = 'approve'
      and not exists (select 1 from public.change_author a
        where a.region = d.region and a.change_id = d.change_id and a.person = d.person)
      and (r.sandbox or p.issuer not like 'persona:%')
      and exists (select 1 from public.person_grant g
        where g.person = d.person and g.region = d.region and g.role = 'reviewer' and g.revoked_at is null
          and g.confirmed_at >= clock_timestamp() - r.grant_max_age);
  if given < wanted then
    raise exception 'FILROR_NOT_APPROVED : le changement % a % approbation(s) valable(s) sur %.',
        new.change_id, given, wanted
      using errcode = 'check_violation',
            hint = 'Que faire : faites approuver par une autre personne, dont le droit est confirmé.';
  end if;
  return new;
end
$$;
revoke all on function refuse_author_approval(), refuse_approver_authorship(), refuse_unapproved_attempt() from public;

-- What was applied, rejected, superseded or expired is over: nobody makes anything else of it afterwards.
create function refuse_reopened_change() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if old.state in ('applied', 'rejected', 'superseded', 'expired') and new.state <> old.state then
    raise exception 'FILROR_OVER : le changement % est clos (%), il ne change plus d''état.', old.id, old.state
      using errcode = 'check_violation',
            hint = 'Que faire : recalculez le plan avec « filror sync » ; s''il reste quelque chose à faire, il le propose.';
  end if;
  return new;
end
$$;
revoke all on function refuse_reopened_change() from public;
create trigger change_over before update of state on change for each row execute function refuse_reopened_change();

-- Withdrawals and closures always ask for two people (DESIGN 10), whatever wrote the row.
alter table change add constraint change_two_people check (kind not in ('withdraw', 'close') or quorum >= 2);

-- What was tried and how it ended: told once. The request may be written until it leaves, never afterwards.
revoke update on apply_attempt, identifier_range from filror_app;
grant update (state, fence, lease_until, sent_at, ended_at, remote_id, outcome, request_path, request_body)
  on apply_attempt to filror_app;
grant update (next) on identifier_range to filror_app;

create function refuse_rewritten_attempt() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if old.state in ('done', 'refused', 'abandoned') then
    raise exception 'FILROR_SETTLED : l''envoi n° % est réglé (%), il ne change plus.', old.no, old.state
      using errcode = 'restrict_violation',
            hint = 'Que faire : un nouvel envoi a sa propre ligne ; relancez « filror apply ».';
  end if;
  if old.sent_at is not null and (new.request_path, new.request_body, new.sent_at)
      is distinct from (old.request_path, old.request_body, old.sent_at) then
    raise exception 'FILROR_SENT : la demande de l''envoi n° % est partie, elle ne se réécrit pas.', old.no
      using errcode = 'restrict_violation',
            hint = 'Que faire : un nouvel envoi a sa propre ligne ; relancez « filror apply --resume ».';
  end if;
  if new.fence < old.fence then
    raise exception 'FILROR_FENCE : le numéro de garde de l''envoi n° % ne recule pas.', old.no
      using errcode = 'restrict_violation',
            hint = 'Que faire : un autre processus a repris cet envoi ; relancez « filror apply --resume ».';
  end if;
  return new;
end
$$;

create function refuse_number_given_twice() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if new.next < old.next then
    raise exception 'FILROR_RANGE : les numéros d''offre déjà donnés ne se donnent pas deux fois.'
      using errcode = 'restrict_violation',
            hint = 'Que faire : écrivez une autre plage dans le profil de la région.';
  end if;
  return new;
end
$$;
revoke all on function refuse_rewritten_attempt(), refuse_number_given_twice() from public;
create trigger attempt_settled before update on apply_attempt
  for each row execute function refuse_rewritten_attempt();
create trigger range_grows before update on identifier_range
  for each row execute function refuse_number_given_twice();

-- One active grant of a role for a person in a region; the key begins with the region.
drop index person_grant_active;
create unique index person_grant_active on person_grant (region, person, role) where revoked_at is null;

-- Every key of what belongs to a region begins with the region, and no row refers to another region's.
alter table rejected_row drop constraint rejected_row_delivery_no_fkey;
alter table observation
  drop constraint observation_first_delivery_fkey, drop constraint observation_closed_delivery_fkey;
alter table establishment
  drop constraint establishment_first_delivery_fkey, drop constraint establishment_closed_delivery_fkey;
alter table establishment_point
  drop constraint establishment_point_first_delivery_fkey, drop constraint establishment_point_closed_delivery_fkey;
alter table delivery drop constraint delivery_no_key, add constraint delivery_no_key unique (region, no);
alter table run drop constraint run_no_key, add constraint run_no_key unique (region, no);
alter table change drop constraint change_no_key, add constraint change_no_key unique (region, no);

alter table rejected_row add foreign key (region, delivery_no) references delivery (region, no);
alter table observation
  add foreign key (region, first_delivery) references delivery (region, no),
  add foreign key (region, closed_delivery) references delivery (region, no);
alter table establishment
  add foreign key (region, first_delivery) references delivery (region, no),
  add foreign key (region, closed_delivery) references delivery (region, no);
alter table establishment_point
  add foreign key (region, first_delivery) references delivery (region, no),
  add foreign key (region, closed_delivery) references delivery (region, no);

do $$
declare
  t text;
begin
  foreach t in array array['answer', 'centre_key', 'decision', 'centre_offer', 'apply_attempt', 'applied_element',
    'remote_version', 'person_grant'] loop
    execute format('alter table %I drop constraint %I, add primary key (region, no)', t, t || '_pkey');
  end loop;
end
$$;

alter table centre add foreign key (region, run_id) references run (region, id);
alter table centre_key add foreign key (region, run_id) references run (region, id);
alter table centre_offer add foreign key (region, attempt) references apply_attempt (region, no);
alter table applied_element
  add foreign key (region, attempt) references apply_attempt (region, no),
  add foreign key (region, identifier) references offer (region, identifier);
