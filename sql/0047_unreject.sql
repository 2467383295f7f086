-- A rejection may be taken back, with a reason: what was refused may then be proposed again (issue 3).
alter table answer drop constraint answer_kind_check;
alter table answer add constraint answer_kind_check check (kind in
  ('complete', 'match', 'matchReject', 'attach', 'create', 'continuity', 'withdraw', 'close', 'reopen', 'revert',
   'unreject', 'undo'));
