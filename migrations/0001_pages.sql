DROP INDEX `idx_deliveries_received`;--> statement-breakpoint
ALTER TABLE `deliveries` ADD `event_at` integer;--> statement-breakpoint
CREATE INDEX `idx_deliveries_integration` ON `deliveries` (`team_id`,`integration_id`,`received_at`);--> statement-breakpoint
CREATE INDEX `idx_deliveries_dead` ON `deliveries` (`team_id`,`received_at`) WHERE result = 'dead';