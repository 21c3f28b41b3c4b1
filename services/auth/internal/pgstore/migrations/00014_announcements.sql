-- +goose Up
-- What administrators tell everybody who is signed in.
CREATE TABLE auth.announcements (
  id UUID PRIMARY KEY,
  body TEXT NOT NULL,
  level TEXT NOT NULL CHECK (level IN ('info', 'warning', 'critical')),
  shown_from TIMESTAMPTZ,
  shown_until TIMESTAMPTZ,
  dismissible BOOLEAN NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- Who wants to see which no more.
CREATE TABLE auth.announcement_dismissals (
  user_id UUID NOT NULL REFERENCES auth.users ON DELETE CASCADE,
  announcement_id UUID NOT NULL REFERENCES auth.announcements ON DELETE CASCADE,
  PRIMARY KEY (user_id, announcement_id)
);
CREATE INDEX announcement_dismissals_announcement_idx ON auth.announcement_dismissals (announcement_id);
