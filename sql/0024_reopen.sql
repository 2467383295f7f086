-- What people declared gone may be declared back, with its proof and its date: a label that is given again, an
-- establishment that opens again (rule 3). The answers that stand are not touched.
alter table answer drop constraint answer_kind_check;
alter table answer add constraint answer_kind_check check (kind in
  ('complete', 'match', 'matchReject', 'attach', 'create', 'continuity', 'withdraw', 'close', 'reopen', 'undo'));
