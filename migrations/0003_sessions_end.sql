-- When all of a user's sessions were last ended. A request that was under way then writes its
-- session once more as it ends: whoever signed in before this moment is signed in no more.
alter table users add column sessions_ended_at timestamptz(3);
