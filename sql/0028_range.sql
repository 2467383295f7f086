-- Ranges of offer numbers: each keeps its own place, known by its first number. A new range, below the old one too, is
-- begun at its first number; an old one that comes back goes on where it was; one that is made longer goes on.
-- Of the row that stands we do not know the range: what was handed out of it is told by the attempts, and skipped.
alter table identifier_range add column first bigint not null default -1;
alter table identifier_range alter column first drop default;
alter table identifier_range drop constraint identifier_range_pkey, add primary key (region, first);

-- Numbers that may not be handed out (again): those of any attempt, whatever became of it, and of the offers that our
-- centres are on. A number that somebody else's offer bears is refused by the repository, and the next one is tried.
create function taken_offer_numbers(of_region text) returns setof bigint
  language sql stable
  set search_path = pg_catalog, public, pg_temp
as $$
  select split_part(identifier, '/', 2)::bigint
    from (select identifier from apply_attempt where region = of_region
          union select identifier from offer where region = of_region) as known
    where left(identifier, length(of_region) + 1) = of_region || '/'
      and split_part(identifier, '/', 2) ~ '^[0-9]{1,18}$' and split_part(identifier, '/', 3) = ''
$$;
revoke all on function taken_offer_numbers(text) from public;
grant execute on function taken_offer_numbers(text) to filror_app;
