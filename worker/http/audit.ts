import { z } from "zod";
import { toAuditBody } from "../domains/audit/api.ts";
import { verifyChain } from "../domains/audit/chain.server.ts";
import { CSV_HEAD, csvEntry } from "../domains/audit/csv.ts";
import { type AuditFilter, readAudit } from "../domains/audit/store.server.ts";
import { AppError } from "../errors.ts";
import { type AuditEntryBody, AuditListBody, AuditVerificationBody } from "../wire/api.ts";
import type { Context } from "./context.ts";
import { answers, CursorParameter, type Door, limitParameter, parseQuery, refusals, TimeParameter, toCursor } from "./door.ts";

const EXPORT_ROWS = 500;

const AuditQuery = z.object({
	actor: z.string().max(200).optional(),
	act: z.string().max(200).optional().describe("a whole act, or its noun: `integration` finds `integration.rotate`"),
	from: TimeParameter.optional(),
	to: TimeParameter.optional().describe("excluded"),
	limit: limitParameter(50),
	cursor: CursorParameter.optional(),
	format: z.enum(["csv", "json"], { error: "must be csv or json" }).optional().describe("everything that matches, as a file"),
	team: z.string().optional(),
});

async function getAudit(c: Context): Promise<Response> {
	const { actor, act, from, to, limit, cursor, format } = parseQuery(c, AuditQuery);
	const filter = { actor, act, from, to };
	const before = cursor === undefined ? undefined : numberOf(cursor.id);
	const wanted = format ?? (prefersCsv(c.req.header("accept")) ? "csv" : undefined);
	if (wanted !== undefined) return download(c, wanted, filter, before);
	// One more than asked for tells whether there is another page.
	const rows = await readAudit(c.get("db"), c.get("team").id, { ...filter, before, limit: limit + 1 });
	const entries = rows.slice(0, limit).map(toAuditBody);
	const last = entries.at(-1);
	const body: z.infer<typeof AuditListBody> = {
		entries,
		next_cursor: rows.length > limit && last ? toCursor(Date.parse(last.at), String(last.no)) : null,
	};
	return c.json(body, 200, { "cache-control": "no-store", vary: "Accept" });
}

function numberOf(id: string): number {
	if (!/^\d{1,15}$/.test(id)) {
		const fields = { cursor: "is not a cursor of this list: take `next_cursor` as it came" };
		throw new AppError("invalid", "A parameter does not hold. See `fields`.", { fields });
	}
	return Number(id);
}

/** `text/csv` anywhere in the header, unless JSON stands there too: then the list is what was asked for. */
function prefersCsv(accept: string | undefined): boolean {
	return accept !== undefined && /\btext\/csv\b/i.test(accept) && !/\bapplication\/json\b/i.test(accept);
}

/** Everything that matches as a file, read and sent page by page, so that no log is too long for it. */
async function download(c: Context, format: "csv" | "json", filter: AuditFilter, before: number | undefined): Promise<Response> {
	const db = c.get("db");
	const { id: teamId, slug } = c.get("team");
	const read = async (below: number | undefined) =>
		(await readAudit(db, teamId, { ...filter, before: below, limit: EXPORT_ROWS })).map(toAuditBody);
	// The first page is read before the answer begins: a database that is away is a 503, not half a file.
	let page = await read(before);
	let count = 0;
	const write = {
		csv: { head: CSV_HEAD, entry: csvEntry, foot: "" },
		json: { head: '{"entries":[', entry: jsonEntry, foot: '],"next_cursor":null}\n' },
	};
	const { head, entry, foot } = write[format];
	const encoder = new TextEncoder();
	const body = new ReadableStream<Uint8Array>({
		start(controller) {
			controller.enqueue(encoder.encode(head));
		},
		async pull(controller) {
			controller.enqueue(encoder.encode(page.map((one, n) => entry(one, count + n)).join("")));
			count += page.length;
			if (page.length < EXPORT_ROWS) {
				controller.enqueue(encoder.encode(foot));
				controller.close();
			} else page = await read(page.at(-1)?.no);
		},
	});
	const day = new Date(c.get("now")).toISOString().slice(0, 10);
	return new Response(body, {
		headers: {
			"content-type": format === "csv" ? "text/csv; charset=utf-8; header=present" : "application/json; charset=utf-8",
			"content-disposition": `attachment; filename="audit-${slug}-${day}.${format}"`,
			"cache-control": "no-store",
			"x-content-type-options": "nosniff",
			vary: "Accept",
		},
	});
}

const jsonEntry = (entry: AuditEntryBody, n: number) => `${n === 0 ? "" : ","}\n${JSON.stringify(entry)}`;

/** Well within what an answer may take. */
const VERIFY_MS = 5000;
const VerifyQuery = z.object({
	after: z
		.string()
		.regex(/^\d{1,12}$/, "must be the `next` of an answer")
		.transform(Number)
		.optional()
		.openapi({ type: "integer", description: "the `next` of the answer before, to go on there" }),
	team: z.string().optional(),
});

async function getVerification(c: Context): Promise<Response> {
	const { after = 0 } = parseQuery(c, VerifyQuery);
	const { rows, ok, firstBad, next = null } = await verifyChain(c.get("db"), c.get("team").id, { after, budgetMs: VERIFY_MS });
	const body: AuditVerificationBody = { ok, rows, first_bad: firstBad, next };
	return c.json(body, 200, { "cache-control": "no-store" });
}

const tags = ["Audit"];
const policy = { permission: "audit:read" } as const;

/** Who did what, as a list, as a file, and whether the record is whole. */
export const auditDoors: Door[] = [
	{
		route: {
			...{ method: "get", path: "/api/audit", tags, summary: "Who did what to which object; CSV with `Accept: text/csv`" },
			request: { query: AuditQuery },
			responses: {
				200: {
					description: "Newest first",
					content: { "application/json": { schema: AuditListBody }, "text/csv": { schema: z.string() } },
				},
				...refusals(401, 403, 404, 422, 503),
			},
		},
		policy,
		handle: getAudit,
	},
	{
		route: {
			...{ method: "get", path: "/api/audit/verify", tags, summary: "Walk the chain of hashes and name the first entry where it breaks" },
			request: { query: VerifyQuery },
			responses: { 200: answers(AuditVerificationBody, "Whether every entry is as it was written"), ...refusals(401, 403, 404, 422, 503) },
		},
		policy,
		handle: getVerification,
	},
];
