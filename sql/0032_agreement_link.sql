-- A link that opens, without an account, the page where an establishment agrees to some changes or refuses them
-- (DESIGN 3 (9)). Reading the page uses nothing: gateways of mail follow links. One answer uses it.

-- A link is known by the hash of what was mailed: the table gives nobody a way in.
create table agreement_link (
  region text not null,
  no bigint generated always as identity,
  token_hash text not null check (token_hash ~ '^[0-9a-f]{64}$'),
  ej text not null check (ej ~ '^[0-9A-Z]{9}$'),
  made_by uuid not null references person (id),
  made_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (region, no),
  check (expires_at > made_at)
);
create unique index agreement_link_token on agreement_link (region, token_hash);
grant select, insert on agreement_link to filror_app;
grant update (used_at) on agreement_link to filror_app;

-- The exact forms that it shows: for another one, another link is made.
create table agreement_link_change (
  region text not null,
  link_no bigint not null,
  change_id text not null,
  hash text not null,
  primary key (region, link_no, change_id),
  foreign key (region, link_no) references agreement_link (region, no),
  foreign key (region, change_id, hash) references change (region, id, hash)
);
create index agreement_link_change_of on agreement_link_change (region, change_id, hash);
grant select, insert on agreement_link_change to filror_app;

-- Used once, and never made usable again.
create function refuse_second_use() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if old.used_at is not null or new.used_at is null then
    raise exception 'FILROR_LINK_USED : ce lien a déjà servi.'
      using errcode = 'check_violation', hint = 'Que faire : demandez un autre lien.';
  end if;
  return new;
end
$$;
revoke all on function refuse_second_use() from public;
create trigger link_used_once before update on agreement_link
  for each row execute function refuse_second_use();
