CREATE TABLE `audit_heads` (
	`team_id` text PRIMARY KEY NOT NULL,
	`since` integer NOT NULL,
	`no` integer NOT NULL,
	`hash` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `installation` (
	`name` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `sign_in_attempts` (
	`prefix` text NOT NULL,
	`slot` integer NOT NULL,
	`n` integer NOT NULL,
	PRIMARY KEY(`prefix`, `slot`)
);
--> statement-breakpoint
CREATE INDEX `idx_sign_in_attempts_slot` ON `sign_in_attempts` (`slot`);--> statement-breakpoint
CREATE TABLE `sign_in_states` (
	`hash` text PRIMARY KEY NOT NULL,
	`verifier` text NOT NULL,
	`next` text NOT NULL,
	`created_at` integer NOT NULL,
	`used_at` integer
);
--> statement-breakpoint
CREATE INDEX `idx_sign_in_states_at` ON `sign_in_states` (`created_at`);--> statement-breakpoint
CREATE TABLE `invitations` (
	`id` text PRIMARY KEY NOT NULL,
	`team_id` text NOT NULL,
	`hash` text NOT NULL,
	`role` text NOT NULL,
	`login` text,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`accepted_at` integer,
	`accepted_by` text,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `invitations_hash_unique` ON `invitations` (`hash`);--> statement-breakpoint
CREATE INDEX `idx_invitations_team` ON `invitations` (`team_id`,`created_at`);--> statement-breakpoint
ALTER TABLE `audit` ADD `address` text;--> statement-breakpoint
ALTER TABLE `audit` ADD `hash` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `sessions` ADD `id` text;--> statement-breakpoint
ALTER TABLE `sessions` ADD `method` text DEFAULT 'dev' NOT NULL;--> statement-breakpoint
ALTER TABLE `sessions` ADD `token_id` text;--> statement-breakpoint
ALTER TABLE `sessions` ADD `agent` text;--> statement-breakpoint
ALTER TABLE `sessions` ADD `address` text;--> statement-breakpoint
CREATE UNIQUE INDEX `sessions_id_unique` ON `sessions` (`id`);--> statement-breakpoint
ALTER TABLE `tokens` ADD `kind` text DEFAULT 'personal' NOT NULL;--> statement-breakpoint
ALTER TABLE `tokens` ADD `created_by` text;--> statement-breakpoint
ALTER TABLE `tokens` ADD `rotated_from` text;--> statement-breakpoint
ALTER TABLE `users` ADD `github_id` text;--> statement-breakpoint
ALTER TABLE `users` ADD `avatar` text;--> statement-breakpoint
CREATE UNIQUE INDEX `users_github_id_unique` ON `users` (`github_id`);--> statement-breakpoint
-- What was there before has a name too, and says whose it is.
UPDATE `sessions` SET `id` = 's' || substr(`hash`, 1, 12) WHERE `id` IS NULL;--> statement-breakpoint
UPDATE `tokens` SET `kind` = 'machine' WHERE `user_id` IS NULL;
