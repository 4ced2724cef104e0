CREATE TABLE `audit_heads` (
	`team_id` text PRIMARY KEY NOT NULL,
	`since` integer NOT NULL,
	`no` integer NOT NULL,
	`hash` text NOT NULL
);
--> statement-breakpoint
ALTER TABLE `audit` ADD `address` text;--> statement-breakpoint
ALTER TABLE `audit` ADD `hash` text DEFAULT '' NOT NULL;