import { verify } from "@octokit/webhooks-methods";
import { Hono } from "hono";

/**
 * What the product is measured against, in the same runtime and the same run: a text, a verified and parsed webhook, and the
 * plain way to store one (an INSERT each, with its body).
 */
type Bindings = { DB: D1Database; SECRET: string };
type Payload = { workflow_run: { id: number; name: string; conclusion: string | null; updated_at: string } };

const app = new Hono<{ Bindings: Bindings }>();

async function read(request: Request, secret: string): Promise<{ text: string; run: Payload["workflow_run"] } | null> {
	const text = await request.text();
	if (!(await verify(secret, text, request.headers.get("x-hub-signature-256") ?? ""))) return null;
	return { text, run: (JSON.parse(text) as Payload).workflow_run };
}

app.get("/hello", (c) => c.text("hello"));

app.post("/verify", async (c) => {
	const delivery = await read(c.req.raw, c.env.SECRET);
	return delivery ? c.json({ id: delivery.run.id }, 202) : c.json({ error: "signature" }, 401);
});

app.post("/insert", async (c) => {
	const delivery = await read(c.req.raw, c.env.SECRET);
	if (!delivery) return c.json({ error: "signature" }, 401);
	const { text, run } = delivery;
	await c.env.DB.prepare("INSERT INTO deliveries (id, run_id, workflow, conclusion, updated_at, body) VALUES (?, ?, ?, ?, ?, ?)")
		.bind(c.req.header("x-github-delivery"), run.id, run.name, run.conclusion, Date.parse(run.updated_at), text)
		.run();
	return c.json({ id: run.id }, 202);
});

export default app;
