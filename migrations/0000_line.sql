CREATE TABLE `audit` (
	`team_id` text NOT NULL,
	`no` integer NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`role` text,
	`act` text NOT NULL,
	`object` text NOT NULL,
	`before` text,
	`after` text,
	`reason` text,
	`request_id` text,
	`outcome` text NOT NULL,
	PRIMARY KEY(`team_id`, `no`)
);
--> statement-breakpoint
CREATE INDEX `idx_audit_at` ON `audit` (`team_id`,`at`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`hash` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE INDEX `idx_sessions_user` ON `sessions` (`user_id`);--> statement-breakpoint
CREATE TABLE `tokens` (
	`hash` text PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`team_id` text NOT NULL,
	`user_id` text,
	`name` text NOT NULL,
	`scopes` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`last_used_at` integer,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tokens_id_unique` ON `tokens` (`id`);--> statement-breakpoint
CREATE INDEX `idx_tokens_team` ON `tokens` (`team_id`);--> statement-breakpoint
CREATE TABLE `commits` (
	`team_id` text NOT NULL,
	`shard` integer NOT NULL,
	`no` integer NOT NULL,
	`at` integer NOT NULL,
	`size` integer NOT NULL,
	PRIMARY KEY(`team_id`, `shard`, `no`)
);
--> statement-breakpoint
CREATE TABLE `deliveries` (
	`team_id` text NOT NULL,
	`source` text NOT NULL,
	`delivery_id` text NOT NULL,
	`integration_id` text NOT NULL,
	`event` text NOT NULL,
	`body_hash` text NOT NULL,
	`result` text NOT NULL,
	`reason` text,
	`run_id` text,
	`received_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	`commit_no` integer NOT NULL,
	`position` integer NOT NULL,
	`body_at` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `idx_deliveries_id` ON `deliveries` (`team_id`,`source`,`delivery_id`);--> statement-breakpoint
CREATE INDEX `idx_deliveries_received` ON `deliveries` (`team_id`,`received_at`);--> statement-breakpoint
CREATE INDEX `idx_deliveries_run` ON `deliveries` (`team_id`,`run_id`) WHERE run_id IS NOT NULL;--> statement-breakpoint
CREATE TABLE `delivery_bodies` (
	`team_id` text NOT NULL,
	`commit_no` integer NOT NULL,
	`lengths` text NOT NULL,
	`packed` text NOT NULL,
	PRIMARY KEY(`team_id`, `commit_no`)
);
--> statement-breakpoint
CREATE TABLE `git_commits` (
	`team_id` text NOT NULL,
	`repo` text NOT NULL,
	`sha` text NOT NULL,
	`integration_id` text NOT NULL,
	`author` text NOT NULL,
	`message` text NOT NULL,
	`at` integer,
	`received_at` integer NOT NULL,
	PRIMARY KEY(`team_id`, `repo`, `sha`)
);
--> statement-breakpoint
CREATE TABLE `pushes` (
	`team_id` text NOT NULL,
	`id` text NOT NULL,
	`integration_id` text NOT NULL,
	`source` text NOT NULL,
	`repo` text NOT NULL,
	`ref` text NOT NULL,
	`ref_type` text NOT NULL,
	`before` text NOT NULL,
	`after` text NOT NULL,
	`forced` integer NOT NULL,
	`deleted` integer NOT NULL,
	`commit_count` integer NOT NULL,
	`authors` text NOT NULL,
	`pusher` text,
	`received_at` integer NOT NULL,
	PRIMARY KEY(`team_id`, `id`)
);
--> statement-breakpoint
CREATE INDEX `idx_pushes_received` ON `pushes` (`team_id`,`received_at`,`id`);--> statement-breakpoint
CREATE TABLE `integration_counts` (
	`team_id` text NOT NULL,
	`integration_id` text NOT NULL,
	`source` text NOT NULL,
	`result` text NOT NULL,
	`n` integer NOT NULL,
	`last_at` integer NOT NULL,
	PRIMARY KEY(`team_id`, `integration_id`, `result`)
);
--> statement-breakpoint
CREATE TABLE `integration_secrets` (
	`integration_id` text NOT NULL,
	`slot` integer NOT NULL,
	`team_id` text NOT NULL,
	`secret` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	PRIMARY KEY(`integration_id`, `slot`)
);
--> statement-breakpoint
CREATE TABLE `integrations` (
	`id` text PRIMARY KEY NOT NULL,
	`team_id` text NOT NULL,
	`source` text NOT NULL,
	`name` text NOT NULL,
	`is_demo` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL,
	`disabled_at` integer
);
--> statement-breakpoint
CREATE INDEX `idx_integrations_team` ON `integrations` (`team_id`);--> statement-breakpoint
CREATE TABLE `jobs` (
	`team_id` text NOT NULL,
	`run_id` text NOT NULL,
	`id` text NOT NULL,
	`external_id` text NOT NULL,
	`attempt` integer NOT NULL,
	`name` text NOT NULL,
	`stage` text,
	`status` text NOT NULL,
	`rank` integer NOT NULL,
	`conclusion_raw` text,
	`started_at` integer,
	`finished_at` integer,
	`duration_ms` integer,
	`queued_ms` integer,
	`updated_at` integer NOT NULL,
	`runner` text,
	`labels` text NOT NULL,
	`steps` text,
	PRIMARY KEY(`team_id`, `run_id`, `id`)
);
--> statement-breakpoint
CREATE TABLE `rollup_days` (
	`team_id` text NOT NULL,
	`repo` text NOT NULL,
	`workflow` text NOT NULL,
	`at` integer NOT NULL,
	`queued` integer NOT NULL,
	`running` integer NOT NULL,
	`success` integer NOT NULL,
	`failure` integer NOT NULL,
	`cancelled` integer NOT NULL,
	`duration_sum` integer NOT NULL,
	`duration_count` integer NOT NULL,
	`histogram` text NOT NULL,
	PRIMARY KEY(`team_id`, `repo`, `workflow`, `at`)
);
--> statement-breakpoint
CREATE TABLE `rollup_hours` (
	`team_id` text NOT NULL,
	`repo` text NOT NULL,
	`workflow` text NOT NULL,
	`at` integer NOT NULL,
	`queued` integer NOT NULL,
	`running` integer NOT NULL,
	`success` integer NOT NULL,
	`failure` integer NOT NULL,
	`cancelled` integer NOT NULL,
	`duration_sum` integer NOT NULL,
	`duration_count` integer NOT NULL,
	`histogram` text NOT NULL,
	PRIMARY KEY(`team_id`, `repo`, `workflow`, `at`)
);
--> statement-breakpoint
CREATE TABLE `run_attempts` (
	`team_id` text NOT NULL,
	`run_id` text NOT NULL,
	`attempt` integer NOT NULL,
	`status` text NOT NULL,
	`rank` integer NOT NULL,
	`conclusion_raw` text,
	`started_at` integer,
	`finished_at` integer,
	`duration_ms` integer,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`team_id`, `run_id`, `attempt`)
);
--> statement-breakpoint
CREATE TABLE `runs` (
	`team_id` text NOT NULL,
	`id` text NOT NULL,
	`integration_id` text NOT NULL,
	`source` text NOT NULL,
	`external_id` text NOT NULL,
	`attempt` integer NOT NULL,
	`repo` text NOT NULL,
	`workflow` text NOT NULL,
	`branch` text,
	`commit` text,
	`triggered_by` text,
	`actor` text,
	`url` text,
	`status` text NOT NULL,
	`stub` integer NOT NULL,
	`conclusion_raw` text,
	`started_at` integer,
	`finished_at` integer,
	`duration_ms` integer,
	`updated_at` integer NOT NULL,
	`coverage` real,
	`error` text,
	`metadata` text NOT NULL,
	`ordered_at` integer NOT NULL,
	`first_received_at` integer NOT NULL,
	PRIMARY KEY(`team_id`, `id`)
);
--> statement-breakpoint
CREATE INDEX `idx_runs_ordered` ON `runs` (`team_id`,`ordered_at`,`id`);--> statement-breakpoint
CREATE INDEX `idx_runs_repo` ON `runs` (`team_id`,`repo`,`workflow`,`ordered_at`);--> statement-breakpoint
CREATE INDEX `idx_runs_external` ON `runs` (`team_id`,`external_id`);--> statement-breakpoint
CREATE TABLE `members` (
	`team_id` text NOT NULL,
	`user_id` text NOT NULL,
	`role` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`team_id`, `user_id`)
);
--> statement-breakpoint
CREATE INDEX `idx_members_user` ON `members` (`user_id`);--> statement-breakpoint
CREATE TABLE `teams` (
	`id` text PRIMARY KEY NOT NULL,
	`slug` text NOT NULL,
	`name` text NOT NULL,
	`epoch` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `teams_slug_unique` ON `teams` (`slug`);--> statement-breakpoint
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`login` text NOT NULL,
	`name` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_login_unique` ON `users` (`login`);