-- Which door a sign-in came through; those told before are of the only one that there was, the API.
-- No check of its values: they are the program's to say (contract/sign-in.ts), and grow.
alter table sign_ins add column door text not null default 'api';
