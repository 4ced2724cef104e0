import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("what is served without the Worker carries the headers of the rules as well", () => {
	const text = readFileSync(fileURLToPath(new URL("../../app/public/_headers", import.meta.url)), "utf8");
	const [path, ...lines] = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
	expect(path).toBe("/*");
	expect(lines.map((line) => line.trim().toLowerCase())).toEqual([
		"x-content-type-options: nosniff",
		"referrer-policy: same-origin",
		"strict-transport-security: max-age=31536000",
	]);
});
