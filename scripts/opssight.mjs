#!/usr/bin/env node
// `opssight`: tell OpsSight what happened, ask whether a deployment may go ahead, and roll back, from CI and from terminals.
// Plain Node 20 or newer, this one file, nothing to install.
import { randomUUID } from "node:crypto";
import { readFileSync, realpathSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const EXIT = { done: 0, refused: 1, usage: 2, denied: 3, unanswered: 4, undecided: 5 };

const USAGE = `opssight <command> [options]

  event         record a run of a pipeline
                --id ID --workflow NAME --status success|failure|cancelled|running|queued --repo OWNER/NAME
                [--branch B] [--triggered-by E] [--started-at T] [--finished-at T] [--duration SECONDS] [--coverage N]
                [--meta KEY=VALUE]…, or --file BODY.json (- for standard input)
  deploy        record a deployment (with --status), or ask for one (without)
                --env ENV --component NAME --version V [--commit SHA] [--status success|failure|cancelled|running|queued]
                [--id ID] [--repo OWNER/NAME] [--title LINE] [--reason LINE] [--url URL]
  rollback      go back to the last version that ran well, or to another
                --env ENV [--component NAME] [--to VERSION or deployment id] [--reason LINE] [--confirm WORD]
                [--watch] [--timeout SECONDS] [--dry-run] [--key KEY]
  gate          may this version go into this environment now?
                --env ENV [--component NAME] --version V, or --sha SHA
  environments  what runs where

  --json        print what the API answered
  --help        this text

Settings, from the environment:
  OPSSIGHT_URL         where OpsSight is, like https://opssight.example.com
  OPSSIGHT_TOKEN       a token: scope ingest for event and deploy --status, act for deploy, read and act for rollback,
                       read for the others
  OPSSIGHT_TOKEN_FILE  a file that holds it, instead

Exit codes: 0 done, or allowed (warnings are printed) · 1 refused, or the rollback did not succeed · 2 wrong usage or settings
            3 the gate denies it · 4 no usable answer from OpsSight · 5 the rollback was not over when --timeout passed`;

/** What ends the program: a sentence for people and an exit code. */
class Ended extends Error {
	constructor(code, message) {
		super(message);
		this.code = code;
	}
}
const wrong = (message) => new Ended(EXIT.usage, `${message}\nSee opssight --help.`);

/** Text from elsewhere may hold sequences that a terminal obeys. */
const plain = (text) => String(text).replace(/[\p{Cc}\p{Cf}]/gu, " ");
const plainLines = (text) => text.split("\n").map(plain).join("\n");

// ——— settings

function readSettings(env) {
	const { OPSSIGHT_URL: url, OPSSIGHT_TOKEN: token, OPSSIGHT_TOKEN_FILE: file } = env;
	if (!url) throw wrong("Set OPSSIGHT_URL to the address of OpsSight, like https://opssight.example.com.");
	let base;
	try {
		base = new URL(url);
	} catch {
		throw wrong(`OPSSIGHT_URL is no address: ${url}`);
	}
	const isLoopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(base.hostname);
	if (base.protocol !== "https:" && !(base.protocol === "http:" && isLoopback))
		throw wrong("OPSSIGHT_URL must begin with https://: a token would be readable on the way.");
	return { base: base.href.replace(/\/+$/, ""), token: readToken(token, file) };
}

function readToken(token, file) {
	if (token?.trim()) return token.trim();
	if (!file) throw wrong("Set OPSSIGHT_TOKEN, or OPSSIGHT_TOKEN_FILE. Tokens are made on the settings page.");
	try {
		const text = readFileSync(file, "utf8").trim();
		if (text) return text;
	} catch (error) {
		throw wrong(`OPSSIGHT_TOKEN_FILE can't be read: ${error.message}`);
	}
	throw wrong(`OPSSIGHT_TOKEN_FILE is empty: ${file}`);
}

// ——— asking

const TRIES = 5;
const ANSWER_MS = 20_000;
const WAIT_MAX_MS = 30_000;

/**
 * One request. What is not answered, or answered 429 or 503, is asked again: everything that is posted here is known by its id or its
 * Idempotency-Key, so that asking twice does nothing twice.
 */
async function ask({ base, token }, path, { method = "GET", body, key, tries = TRIES } = {}) {
	const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
	if (body !== undefined) headers["content-type"] = "application/json";
	if (key) headers["idempotency-key"] = key;
	let problem = "";
	for (let attempt = 1; attempt <= tries; attempt++) {
		const sent = { method, headers, body: body && JSON.stringify(body), redirect: "manual", signal: AbortSignal.timeout(ANSWER_MS) };
		let waitMs = Math.min(WAIT_MAX_MS, 500 * 2 ** (attempt - 1));
		try {
			const answer = await fetch(base + path, sent);
			const text = await answer.text();
			if (answer.status !== 429 && answer.status !== 503) return readAnswer(answer, text);
			const after = answer.headers.get("retry-after");
			if (/^\d+$/.test(after ?? "")) waitMs = Math.min(WAIT_MAX_MS, Number(after) * 1000);
			problem = complaint(answer.status, parse(text));
		} catch (error) {
			if (error instanceof Ended) throw error;
			problem = `${base} does not answer: ${error.cause?.code ?? error.cause?.message ?? error.message}`;
		}
		if (attempt < tries) await sleep(waitMs);
	}
	throw new Ended(EXIT.unanswered, tries > 1 ? `${problem} (tried ${tries} times)` : problem);
}

function readAnswer({ status, ok }, text) {
	const body = parse(text);
	if (ok && body !== null) return body;
	if (status >= 400 && status < 500) throw new Ended(EXIT.refused, complaint(status, body));
	if (status >= 500) throw new Ended(EXIT.unanswered, complaint(status, body));
	throw new Ended(EXIT.unanswered, `What answers at OPSSIGHT_URL is not OpsSight (status ${status}).`);
}

function parse(text) {
	try {
		const value = JSON.parse(text);
		return typeof value === "object" ? value : null;
	} catch {
		return null;
	}
}

/** The API's own words, with its fields. */
function complaint(status, body) {
	const error = body?.error;
	if (!error?.message) return `OpsSight answered ${status} without a reason.`;
	const fields = Object.entries(error.fields ?? {}).map(([name, what]) => `\n  ${plain(name)}: ${plain(what)}`);
	const id = error.request_id && status >= 500 ? ` (request ${plain(error.request_id)})` : "";
	return `${plain(error.message)}${id}${fields.join("")}`;
}

// ——— commands

const FINAL = ["success", "failure", "cancelled"];

/** An object without what was not said. */
const said = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

function need(options, ...names) {
	const missing = names.filter((name) => !options[name]?.trim());
	if (missing.length > 0) throw wrong(`Missing: ${missing.map((name) => `--${name}`).join(", ")}`);
}

function number(text, name) {
	if (text === undefined) return undefined;
	const value = Number(text);
	if (text.trim() === "" || !Number.isFinite(value) || value < 0) throw wrong(`--${name} must be a number, 0 or more: ${text}`);
	return value;
}

function eventBody(options) {
	if (options.file) {
		const body = parse(readText(options.file));
		if (!body || Array.isArray(body)) throw wrong(`${options.file} does not hold a JSON object.`);
		return body;
	}
	need(options, "id", "workflow", "status", "repo");
	const now = Date.now();
	const duration = number(options.duration, "duration");
	const isFinal = FINAL.includes(options.status);
	const meta = (options.meta ?? []).map((pair) => {
		const at = pair.indexOf("=");
		if (at < 1) throw wrong(`--meta is KEY=VALUE: ${pair}`);
		return [pair.slice(0, at), pair.slice(at + 1)];
	});
	const { id, workflow, status, repo, branch } = options;
	return said({
		...{ id, workflow, status, repo, branch, triggered_by: options["triggered-by"], duration_seconds: duration },
		started_at: options["started-at"] ?? new Date(now - (isFinal ? (duration ?? 0) * 1000 : 0)).toISOString(),
		finished_at: options["finished-at"] ?? (isFinal ? new Date(now).toISOString() : undefined),
		coverage: number(options.coverage, "coverage"),
		meta: meta.length > 0 ? Object.fromEntries(meta) : undefined,
	});
}

function readText(file) {
	try {
		return readFileSync(file === "-" ? 0 : file, "utf8");
	} catch (error) {
		throw wrong(`${file} can't be read: ${error.message}`);
	}
}

async function event(settings, options) {
	const answer = await ask(settings, "/api/events", { method: "POST", body: eventBody(options) });
	return { answer, line: answer.result ? "Accepted." : `Recorded: ${answer.workflow} ${answer.status} (${answer.id}).` };
}

async function deploy(settings, options) {
	need(options, "env", "component", "version");
	const { env: environment, component, version, commit, status, id, repo, title, reason, url } = options;
	const body = said({ environment, component, version, commit, status, id, repo, title, reason, url });
	const answer = await ask(settings, "/api/deployments", { method: "POST", body, key: options.key ?? randomUUID() });
	if (answer.request) {
		const { state, message } = answer.request;
		return { answer, line: `Asked for ${component} ${version} in ${environment}: ${state}.${message ? ` ${message}` : ""}` };
	}
	return { answer, line: answer.result ? "Accepted." : `Recorded: ${component} ${version} in ${environment}, ${answer.status}.` };
}

async function gate(settings, options) {
	need(options, "env");
	if (!options.version && !options.sha) throw wrong("Say which version: --version V, or --sha SHA.");
	const { env: environment, component, version, sha } = options;
	const answer = await ask(settings, `/api/gate?${new URLSearchParams(said({ environment, component, version, sha }))}`);
	const reasons = (answer.reasons ?? []).map((reason) => `  ${reason.message ?? reason}`);
	const line = [`${version ?? sha} in ${environment}: ${answer.decision}`, ...reasons].join("\n");
	if (!["allow", "warn", "deny"].includes(answer.decision)) throw new Ended(EXIT.unanswered, `An unknown decision: ${answer.decision}`);
	return { answer, line, code: answer.decision === "deny" ? EXIT.denied : EXIT.done };
}

async function environments(settings) {
	const answer = await ask(settings, "/api/environments");
	const lines = answer.environments.flatMap(({ name, production, current, latest, lock, rollback, components }) => {
		const head = `${name}${production ? " (production)" : ""}${lock ? `, locked by ${lock.by?.name ?? "somebody"}` : ""}${rollback ? `, rollback ${rollback.state}` : ""}`;
		const parts = components?.length ? components : [{ component: current?.component ?? latest?.component ?? "", current, latest }];
		return [head, ...parts.map((part) => `  ${versionLine(part)}`)];
	});
	return { answer, line: lines.join("\n") || "No environment has been heard of yet." };
}

function versionLine({ component, current, latest, health, mismatch }) {
	const now = current ? `${current.version} since ${current.started_at}` : "nothing has succeeded yet";
	const last = latest && latest.id !== current?.id ? `; last attempt ${latest.version}: ${latest.status}` : "";
	return `${component}: ${now}${last}${health ? ` (${health})` : ""}${mismatch ? `; ${plain(mismatch)}` : ""}`;
}

// ——— going back

const TERMINAL = ["succeeded", "failed", "cancelled", "expired"];

async function rollback(settings, options) {
	need(options, "env");
	const timeoutMs = (number(options.timeout, "timeout") ?? 300) * 1000;
	const environment = await findEnvironment(settings, options.env);
	const offer = await offerOf(settings, environment, options);
	const key = options.key ?? randomUUID();
	const path = `/api/environments/${encodeURIComponent(environment.id)}/${options["dry-run"] ? "drill" : "rollback"}`;
	const asked = said({ component: options.component ?? offer.component, to: offer.to?.deployment_id, reason: options.reason });
	const body = options["dry-run"] ? asked : said({ ...asked, seen: offer.seen, confirm: options.confirm });
	const answer = await ask(settings, path, { method: "POST", body, key });
	const { id, state, from, to } = answer.rollback;
	const what = `${options["dry-run"] ? "Rehearsal" : "Rollback"} ${id}: ${offer.component} in ${environment.name}, ${from.version} → ${to.version}`;
	if (!options.watch) return { answer, line: `${what}, ${state}.` };
	if (!options.json) settings.say(plain(what));
	return await follow(settings, id, { timeoutMs, tell: options.json ? () => {} : (line) => settings.say(plain(line)) });
}

async function findEnvironment(settings, named) {
	const { environments } = await ask(settings, "/api/environments");
	const found = environments.find(({ id }) => id === named) ?? environments.find(({ name }) => name === named);
	if (found) return found;
	const names = environments.map(({ name }) => name).join(", ");
	throw new Ended(EXIT.refused, `There is no environment ${named}.${names ? ` There are: ${names}.` : ""}`);
}

/** What it would be, looked at before it is asked for: its target by version, and what stands against it. */
async function offerOf(settings, environment, { component, to, confirm, json, "dry-run": isRehearsal }) {
	const read = async (target) => {
		const query = new URLSearchParams(said({ component, to: target }));
		return (await ask(settings, `/api/environments/${encodeURIComponent(environment.id)}/offer?${query}`)).offer;
	};
	let offer = await read(undefined);
	if (to !== undefined && offer.to?.version !== to && offer.to?.deployment_id !== to) {
		const choice = offer.choices.find(({ deployment_id }) => deployment_id === to) ?? offer.choices.find(({ version }) => version === to);
		if (!choice)
			throw new Ended(
				EXIT.refused,
				`${to} can't be returned to. There are: ${
					offer.choices
						.filter((one) => one.eligible)
						.map((one) => one.version)
						.join(", ") || "none"
				}.`,
			);
		if (!choice.eligible) throw new Ended(EXIT.refused, `${to} can't be returned to: ${choice.why}`);
		offer = await read(choice.deployment_id);
	}
	if (!json)
		for (const { tone, title } of offer.checks)
			if (tone !== "ok") settings.warn(plain(`${tone === "stop" ? "Against it" : "Note"}: ${title}`));
	if (offer.blocked) {
		const byHand = offer.run_by_hand ? `\nBy hand: ${plain(offer.run_by_hand)}` : "";
		throw new Ended(EXIT.refused, `${plain(offer.blocked)}${byHand}`);
	}
	if (!isRehearsal && offer.confirm === "word" && confirm !== offer.word)
		throw wrong(`${environment.name} has to be confirmed: add --confirm ${offer.word}`);
	return offer;
}

/** Follow a rollback until it is over and, where it succeeded, until it is known whether the service came back. */
async function follow(settings, id, { timeoutMs, tell }) {
	const began = performance.now();
	const told = new Set();
	let message = null;
	for (;;) {
		const answer = await lookAt(settings, id);
		const row = answer?.rollback;
		for (const { stage, at } of row?.stages ?? []) {
			if (told.has(stage)) continue;
			told.add(stage);
			tell(`${at}  ${stage}`);
		}
		if (row?.message && row.message !== message) {
			message = row.message;
			tell(`  ${message}`);
		}
		if (row && TERMINAL.includes(row.state) && row.recovery !== "watching") return ended(answer);
		if (performance.now() - began > timeoutMs) {
			if (row?.state === "succeeded") return ended(answer);
			throw new Ended(
				EXIT.undecided,
				`Rollback ${id} is not over after ${timeoutMs / 1000} s${row ? `: ${row.state}` : ""}. It goes on; look at its page.`,
			);
		}
		await sleep(1000);
	}
}

/** A look that fails is repeated with the next one: what is under way goes on without us. */
async function lookAt(settings, id) {
	try {
		return await ask(settings, `/api/rollbacks/${encodeURIComponent(id)}`, { tries: 1 });
	} catch (error) {
		if (error instanceof Ended && error.code === EXIT.unanswered) return null;
		throw error;
	}
}

function ended(answer) {
	const { state, took_seconds: took, recovery, to, why, applied, kind } = answer.rollback;
	if (kind === "dry-run")
		return {
			answer,
			line: state === "succeeded" ? "It would work." : `It would not work: ${why ?? state}`,
			code: state === "succeeded" ? EXIT.done : EXIT.refused,
		};
	if (state !== "succeeded") {
		const what = applied ? "The cluster was changed." : "Nothing was changed.";
		return { answer, line: `${state}${why ? ` (${why})` : ""}. ${what}`, code: EXIT.refused };
	}
	const took_ = took === null || took === undefined ? "" : ` in ${took} s`;
	if (recovery === "notRecovered")
		return { answer, line: `${to.version} runs again${took_}, but the service did not recover.`, code: EXIT.refused };
	return { answer, line: `${to.version} runs again${took_}${recovery === "recovered" ? ", and the service recovered" : ""}.` };
}

// ——— the program

const text = { type: "string" };
const flag = { type: "boolean" };
const COMMANDS = {
	event: {
		run: event,
		options: {
			...{ id: text, workflow: text, status: text, repo: text, branch: text, duration: text, coverage: text, file: text },
			...{ "triggered-by": text, "started-at": text, "finished-at": text, meta: { type: "string", multiple: true } },
		},
	},
	deploy: {
		run: deploy,
		options: {
			...{ env: text, component: text, version: text, commit: text, status: text, id: text, repo: text },
			...{ title: text, reason: text, url: text, key: text },
		},
	},
	rollback: {
		run: rollback,
		options: {
			...{ env: text, component: text, to: text, reason: text, confirm: text, timeout: text, key: text },
			...{ watch: flag, "dry-run": flag },
		},
	},
	gate: { run: gate, options: { env: text, component: text, version: text, sha: text } },
	environments: { run: environments, options: {} },
};

async function main([name, ...args], { env, say, warn }) {
	if (name === undefined || name === "--help" || name === "-h" || name === "help") {
		say(USAGE);
		return name === undefined ? EXIT.usage : EXIT.done;
	}
	const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
	if (!command) throw wrong(`There is no command ${name}.`);
	let options;
	try {
		options = parseArgs({ args, options: { ...command.options, json: flag, help: flag } }).values;
	} catch (error) {
		throw wrong(error.message);
	}
	if (options.help) {
		say(USAGE);
		return EXIT.done;
	}
	const { answer, line, code = EXIT.done } = await command.run({ ...readSettings(env), say, warn }, options);
	say(options.json ? JSON.stringify(answer, null, 2) : plainLines(line));
	return code;
}

/** Run a command line. Resolves to its exit code; `say` and `warn` are told what is printed. */
export async function opssight(args, io) {
	try {
		return await main(args, io);
	} catch (error) {
		if (!(error instanceof Ended)) throw error;
		io.warn(`opssight: ${plainLines(error.message)}`);
		return error.code;
	}
}

// Through a link too, as npm makes one for a package's command.
if (process.argv[1] && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
	process.exitCode = await opssight(process.argv.slice(2), { env: process.env, say: console.log, warn: console.error });
}
