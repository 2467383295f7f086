-- What an applied change wrote may be taken back: a person says so with a reason, the plan proposes the inverse, and
-- others approve it (issue 3, "undo as an inverse plan"). Whoever asked is an author of what it proposes.
alter table answer drop constraint answer_kind_check;
alter table answer add constraint answer_kind_check check (kind in
  ('complete', 'match', 'matchReject', 'attach', 'create', 'continuity', 'withdraw', 'close', 'reopen', 'revert', 'undo'));

alter table change_author drop constraint change_author_why_check;
alter table change_author add constraint change_author_why_check check (why in
  ('completion', 'override', 'declaration', 'import', 'match', 'site', 'attachOrCreate', 'continuity', 'revert'));
