-- A reminder's link belongs to its message, so that one which nobody got can be taken back before another is made.
alter table agreement_link add column mail_no bigint;
alter table agreement_link add foreign key (region, mail_no) references mail_message (region, no);
-- When it was taken back: nobody can answer by it any more.
alter table agreement_link add column withdrawn_at timestamptz;
alter table agreement_link add check (used_at is null or withdrawn_at is null);
create index agreement_link_mail on agreement_link (region, mail_no) where mail_no is not null;
grant update (withdrawn_at) on agreement_link to filror_app;

-- Used or taken back once, and never made usable again.
create or replace function refuse_second_use() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if old.used_at is not null or old.withdrawn_at is not null
    or (new.used_at is null and new.withdrawn_at is null) then
    raise exception 'FILROR_LINK_USED : ce lien a déjà servi, ou a été retiré.'
      using errcode = 'check_violation', hint = 'Que faire : demandez un autre lien.';
  end if;
  return new;
end
$$;
