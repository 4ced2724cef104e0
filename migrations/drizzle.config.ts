import { defineConfig } from "drizzle-kit";

// `npm run migrate:new` writes the next forward-only migration from the tables of every domain.
export default defineConfig({
	dialect: "sqlite",
	schema: "./worker/domains/*/table.server.ts",
	out: "./migrations",
});
