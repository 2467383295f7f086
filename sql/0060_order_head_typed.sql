-- The name of a head as a person typed it stands beside the decision that says it, and no longer over what was read of the
-- PDF: taking the decision back gives what was read again. It can be erased, like order_line_words (DESIGN 5).
create table order_decision_words (
  region text not null,
  no bigint not null,
  head text not null,
  primary key (region, no),
  foreign key (region, no) references order_decision (region, no)
);
grant select, insert, update, delete on order_decision_words to filror_app;

-- Names typed until now stand where what was read stood. The journal says of which lines: each name moves to the last
-- validation of its line. What had been read is lost there; an empty name says so, the typed one would not.
with entry as materialized (
  select region, substr(subject, 7) as draft, body::jsonb as body from journal where kind = 'order.validate'
), typed as (
  select distinct e.region, e.draft, (l.line)::integer as line
  from entry e cross join lateral jsonb_array_elements_text(e.body -> 'lines') as l (line)
  where e.body -> 'headCorrected' = 'true'
), moved as (
  insert into order_decision_words (region, no, head)
  select w.region, max(d.no), max(w.head)
  from typed t
  join order_line_words w using (region, draft, line)
  join order_decision d using (region, draft, line)
  where d.kind = 'validate'
  group by w.region, w.draft, w.line
)
update order_line_words w set head = ''
from typed t where (t.region, t.draft, t.line) = (w.region, w.draft, w.line);
