-- The signed document of an agreement, when one is attached to the answer (issue 3). The agreement, append-only, holds
-- its hash; the bytes stand apart, since a signature is somebody's name: whoever owns the database can erase them, the
-- application cannot, and the agreement still says which document it was.
create table agreement_document (
  region text not null references region_state (region),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  bytes bytea not null check (octet_length(bytes) between 1 and 5242880),
  added_at timestamptz not null,
  primary key (region, sha256)
);
grant select, insert on agreement_document to filror_app;
