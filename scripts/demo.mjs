// The demo story, group by group through the product's own commit path; remembers where it stopped.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

const fresh = () => ({ anchor: Date.now(), group: 0, done: false });

/** How far the demo of this file has come; null where none was begun. */
export function readProgress(file) {
	return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
}

/** Note how far the demo has come: `done` without groups (it was removed) keeps the next start from bringing it back. */
export function writeProgress(file, progress) {
	writeFileSync(`${file}.tmp`, JSON.stringify(progress));
	renameSync(`${file}.tmp`, file);
}

/** Bring the demo in on the first start of a state folder; go on where an interrupted start stopped. */
export async function seedDemo({ state, post, team, file = `${state}/demo.json` }) {
	const progress = readProgress(file) ?? fresh();
	const save = () => writeProgress(file, progress);
	save();
	while (!progress.done) {
		const { groups, done } = await post("/dev/demo", { team: team.slug, group: progress.group, anchor: progress.anchor });
		progress.group += 1;
		progress.done = done;
		save();
		const line = `opssight: demo data, newest day first: ${Math.min(progress.group, groups)} of ${groups} groups`;
		if (process.stdout.isTTY) process.stdout.write(`\r${line}${done ? "\n" : ""}`);
		else if (done || progress.group % 10 === 1) console.log(line);
	}
}
