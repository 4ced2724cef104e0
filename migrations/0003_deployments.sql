CREATE TABLE `clusters` (
	`team_id` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`bindings` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`removed_at` integer,
	`agent` text,
	`agent_version` text,
	`kubernetes` text,
	`verbs` text DEFAULT '[]' NOT NULL,
	`summary` text,
	`seq` integer DEFAULT 0 NOT NULL,
	`connected_at` integer,
	`last_seen_at` integer,
	`conflict_at` integer,
	PRIMARY KEY(`team_id`, `id`)
);
--> statement-breakpoint
CREATE TABLE `workload_templates` (
	`team_id` text NOT NULL,
	`cluster_id` text NOT NULL,
	`namespace` text NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`hash` text NOT NULL,
	`first_seen_at` integer NOT NULL,
	`healthy_from` integer,
	`healthy_until` integer,
	`failed_at` integer,
	PRIMARY KEY(`team_id`, `cluster_id`, `namespace`, `kind`, `name`, `hash`)
);
--> statement-breakpoint
CREATE TABLE `workloads` (
	`team_id` text NOT NULL,
	`cluster_id` text NOT NULL,
	`namespace` text NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`environment_id` text,
	`component` text NOT NULL,
	`images` text NOT NULL,
	`revision` integer NOT NULL,
	`generation` integer NOT NULL,
	`desired` integer NOT NULL,
	`updated` integer NOT NULL,
	`ready` integer NOT NULL,
	`available` integer NOT NULL,
	`total` integer NOT NULL,
	`state` text NOT NULL,
	`reason` text,
	`sentence` text NOT NULL,
	`is_paused` integer NOT NULL,
	`owner` text,
	`command_id` text,
	`revisions` text NOT NULL,
	`bad_pods` text NOT NULL,
	`can_patch` integer NOT NULL,
	`since` integer NOT NULL,
	`state_since` integer NOT NULL,
	`reported_at` integer NOT NULL,
	`agent` text NOT NULL,
	`seq` integer NOT NULL,
	PRIMARY KEY(`team_id`, `cluster_id`, `namespace`, `kind`, `name`)
);
--> statement-breakpoint
CREATE INDEX `idx_workloads_environment` ON `workloads` (`team_id`,`environment_id`,`component`);--> statement-breakpoint
CREATE TABLE `deploy_requests` (
	`team_id` text NOT NULL,
	`id` text NOT NULL,
	`environment_id` text NOT NULL,
	`component` text NOT NULL,
	`version` text NOT NULL,
	`commit` text,
	`state` text NOT NULL,
	`dispatcher_id` text,
	`message` text,
	`requested_by` text NOT NULL,
	`requested_by_name` text NOT NULL,
	`requested_at` integer NOT NULL,
	`approved_by` text,
	`approved_at` integer,
	PRIMARY KEY(`team_id`, `id`)
);
--> statement-breakpoint
CREATE INDEX `idx_deploy_requests_at` ON `deploy_requests` (`team_id`,`requested_at`);--> statement-breakpoint
CREATE TABLE `deployments` (
	`team_id` text NOT NULL,
	`id` text NOT NULL,
	`integration_id` text NOT NULL,
	`source` text NOT NULL,
	`external_id` text NOT NULL,
	`environment_id` text NOT NULL,
	`component` text NOT NULL,
	`version` text NOT NULL,
	`commit` text,
	`ref` text,
	`repo` text,
	`status` text NOT NULL,
	`rank` integer NOT NULL,
	`status_raw` text,
	`started_at` integer,
	`finished_at` integer,
	`updated_at` integer NOT NULL,
	`inactive_at` integer,
	`actor` text,
	`is_rollback` integer NOT NULL,
	`rollback_id` text,
	`reason` text,
	`title` text,
	`url` text,
	`images` text NOT NULL,
	`ordered_at` integer NOT NULL,
	`first_received_at` integer NOT NULL,
	PRIMARY KEY(`team_id`, `id`)
);
--> statement-breakpoint
CREATE INDEX `idx_deployments_at` ON `deployments` (`team_id`,`ordered_at`,`id`);--> statement-breakpoint
CREATE INDEX `idx_deployments_component` ON `deployments` (`team_id`,`environment_id`,`component`,`ordered_at`);--> statement-breakpoint
CREATE TABLE `dispatchers` (
	`team_id` text NOT NULL,
	`id` text NOT NULL,
	`kind` text NOT NULL,
	`environment_id` text DEFAULT '' NOT NULL,
	`component` text DEFAULT '' NOT NULL,
	`settings` text NOT NULL,
	`secret` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer,
	`last_result` text,
	PRIMARY KEY(`team_id`, `id`)
);
--> statement-breakpoint
CREATE TABLE `environment_components` (
	`team_id` text NOT NULL,
	`environment_id` text NOT NULL,
	`component` text NOT NULL,
	`declared_at` integer,
	`first_seen_at` integer NOT NULL,
	PRIMARY KEY(`team_id`, `environment_id`, `component`)
);
--> statement-breakpoint
CREATE TABLE `holds` (
	`team_id` text NOT NULL,
	`id` text NOT NULL,
	`environment_id` text NOT NULL,
	`component` text NOT NULL,
	`version` text NOT NULL,
	`commit` text,
	`images` text NOT NULL,
	`rollback_id` text,
	`reason` text,
	`held_by` text NOT NULL,
	`held_by_name` text NOT NULL,
	`held_at` integer NOT NULL,
	`until` integer NOT NULL,
	`released_at` integer,
	`released_by` text,
	PRIMARY KEY(`team_id`, `id`)
);
--> statement-breakpoint
CREATE INDEX `idx_holds_environment` ON `holds` (`team_id`,`environment_id`,`until`);--> statement-breakpoint
CREATE TABLE `rollbacks` (
	`team_id` text NOT NULL,
	`id` text NOT NULL,
	`environment_id` text NOT NULL,
	`kind` text NOT NULL,
	`component` text NOT NULL,
	`idempotency_key` text NOT NULL,
	`request_hash` text NOT NULL,
	`state` text NOT NULL,
	`command` text NOT NULL,
	`target` text NOT NULL,
	`row` text NOT NULL,
	`automatic_for` text,
	`requested_by` text NOT NULL,
	`requested_at` integer NOT NULL,
	`finished_at` integer,
	`took_ms` integer,
	PRIMARY KEY(`team_id`, `id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `idx_rollbacks_key` ON `rollbacks` (`team_id`,`environment_id`,`idempotency_key`);--> statement-breakpoint
CREATE UNIQUE INDEX `idx_rollbacks_active` ON `rollbacks` (`team_id`,`environment_id`) WHERE kind = 'rollback' AND state IN ('pending', 'claimed', 'cancelling', 'unknown');--> statement-breakpoint
CREATE UNIQUE INDEX `idx_rollbacks_automatic` ON `rollbacks` (`team_id`,`automatic_for`) WHERE automatic_for IS NOT NULL;--> statement-breakpoint
CREATE INDEX `idx_rollbacks_at` ON `rollbacks` (`team_id`,`requested_at`);--> statement-breakpoint
CREATE TABLE `environments` (
	`team_id` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`is_production` integer NOT NULL,
	`created_at` integer NOT NULL,
	`good_minutes` integer DEFAULT 15 NOT NULL,
	`auto_rollback` integer DEFAULT false NOT NULL,
	`needs_approver` integer DEFAULT false NOT NULL,
	`drills` integer DEFAULT false NOT NULL,
	`freezes` text DEFAULT '[]' NOT NULL,
	`locked_by` text,
	`locked_by_name` text,
	`locked_at` integer,
	`locked_until` integer,
	`lock_reason` text,
	`lock_rollback_id` text,
	`fence` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`team_id`, `id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `idx_environments_name` ON `environments` (`team_id`,`name`);--> statement-breakpoint
ALTER TABLE `tokens` ADD `cluster_id` text;