import { describe, expect, test } from "vitest";
import { requireDevelopment } from "../../app/access.server.ts";

describe("what only developers see", () => {
	test("is there while developing", () => {
		expect(() => requireDevelopment({ environment: "development", requestId: "r" })).not.toThrow();
	});

	test.each(["production", "staging", ""])("does not exist in %j", (environment) => {
		expect(() => requireDevelopment({ environment, requestId: "r" })).toThrow(expect.objectContaining({ status: 404 }));
	});
});
