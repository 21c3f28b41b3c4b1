-- +goose Up
-- What a calendar month's AI calls may cost, in millionths of a dollar; -1 is
-- unlimited, as in every limit.
ALTER TABLE auth.plans ADD COLUMN ai_budget_monthly_micro_usd BIGINT NOT NULL DEFAULT -1 CHECK (ai_budget_monthly_micro_usd >= -1);
