// What is said of pod templates and of what differs between them, in tables; and that secrets are not.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { DIFFERENCE_LINE_CHARS, DIFFERENCE_LINES_MAX } from "#worker/wire/agent";
import { isHidden, sayArguments, sayNamed, sayText } from "../../../agent/hiding.ts";
import type { ControllerRevision, ReplicaSet, Template, Workload } from "../../../agent/objects.ts";
import { differenceOf, linesOf, shared } from "../../../agent/template.ts";
import { a, hex, join2, SECRETS } from "../../support/secrets.ts";

function recorded<T>(name: string): T {
	return JSON.parse(readFileSync(new URL(`../../fixtures/kubernetes/${name}`, import.meta.url), "utf8")) as T;
}

const IMAGE = "registry.example.com/shop/checkout";
const of = (spec: object, metadata: object = {}) => ({ metadata, spec }) as Template;
const app = (more: object = {}) => of({ containers: [{ name: "app", image: `${IMAGE}:1`, ...more }] });
const env = (...env: object[]) => app({ env });
const literal = (name: string, value: string) => env({ name, value });
const sum = (n: number) => hex(63) + n;
const difference = (from: Template, to: Template) => differenceOf(linesOf(from), linesOf(to));

describe("what differs between two templates", () => {
	const probe = (port: number) => ({ readinessProbe: { httpGet: { path: "/healthz", port, scheme: "HTTP" }, periodSeconds: 10 } });
	const limits = (memory: string) => ({ resources: { limits: { memory }, requests: { cpu: "100m" } } });
	const mounts = (...volumeMounts: object[]) => app({ volumeMounts });
	const from = (source: object) => env({ name: "DB_PASSWORD", valueFrom: source });
	const volume = (source: object) => of({ volumes: [{ name: "data", ...source }] });

	test.each<[string, Template, Template, string[]]>([
		["nothing", app(), app(), []],
		["an image", app(), app({ image: `${IMAGE}:2` }), ["  container app:", `-   image: ${IMAGE}:1`, `+   image: ${IMAGE}:2`]],
		[
			"a variable, and an image",
			app({
				image: "c@sha256:9c1e",
				env: [
					{ name: "POOL_MAX", value: "120" },
					{ name: "MODE", value: "async" },
				],
			}),
			app({
				image: "c@sha256:51f0",
				env: [
					{ name: "POOL_MAX", value: "40" },
					{ name: "MODE", value: "async" },
				],
			}),
			[
				"  container app:",
				"-   image: c@sha256:9c1e",
				"+   image: c@sha256:51f0",
				"    env:",
				'-     POOL_MAX: "120"',
				'+     POOL_MAX: "40"',
			],
		],
		["a variable less", literal("A", "1"), app(), ["  container app:", "    env:", '-     A: "1"']],
		["a variable more", app(), env({ name: "A" }), ["  container app:", "    env:", '+     A: ""']],
		[
			"where a variable comes from",
			from({ secretKeyRef: { name: "db", key: "password" } }),
			from({ configMapKeyRef: { name: "settings", key: "db" } }),
			["  container app:", "    env:", "-     DB_PASSWORD: from secret db/password", "+     DB_PASSWORD: from configMap settings/db"],
		],
		[
			"a field and a resource",
			from({ fieldRef: { apiVersion: "v1", fieldPath: "status.podIP" } }),
			from({ resourceFieldRef: { resource: "limits.cpu" } }),
			["  container app:", "    env:", "-     DB_PASSWORD: from field status.podIP", "+     DB_PASSWORD: from resource limits.cpu"],
		],
		[
			"whole sources of variables",
			app({ envFrom: [{ configMapRef: { name: "a" } }] }),
			app({ envFrom: [{ configMapRef: { name: "a" } }, { prefix: "DB_", secretRef: { name: "b" } }] }),
			["  container app:", "-   envFrom: configMap a", "+   envFrom: configMap a, secret b as DB_*"],
		],
		[
			"a probe",
			app(probe(8080)),
			app(probe(1)),
			["  container app:", "    readinessProbe:", "      httpGet:", "-       port: 8080", "+       port: 1"],
		],
		[
			"a whole probe, without what the cluster fills in",
			app(),
			app(probe(1)),
			["  container app:", "    readinessProbe:", "      httpGet:", "+       path: /healthz", "+       port: 1"],
		],
		[
			"a limit",
			app(limits("64Mi")),
			app(limits("128Mi")),
			["  container app:", "    resources:", "      limits:", "-       memory: 64Mi", "+       memory: 128Mi"],
		],
		[
			"a command, arguments, ports",
			app({ command: ["run"], args: ["--fast"], ports: [{ containerPort: 80, protocol: "TCP" }] }),
			app({
				args: ["--fast", "--loud"],
				ports: [
					{ name: "web", containerPort: 80 },
					{ containerPort: 53, protocol: "UDP" },
				],
			}),
			[
				"  container app:",
				'-   command: ["run"]',
				'-   args: ["--fast"]',
				'+   args: ["--fast","--loud"]',
				"-   ports: 80",
				"+   ports: 80 (web), 53/UDP",
			],
		],
		[
			"a mount",
			mounts({ name: "data", mountPath: "/data" }),
			mounts({ name: "data", mountPath: "/data", readOnly: true }, { name: "tmp", mountPath: "/tmp" }),
			["  container app:", "    volumeMounts:", "      /data:", "+       readOnly: true", "      /tmp:", "+       name: tmp"],
		],
		[
			"a volume",
			volume({ emptyDir: {} }),
			volume({ secret: { secretName: "certs", defaultMode: 420 } }),
			["  volume data:", "-   emptyDir: {}", "    secret:", "+     secretName: certs"],
		],
		[
			"containers, by their names",
			of({
				containers: [
					{ name: "b", image: "b:1" },
					{ name: "a", image: "a:1" },
				],
				initContainers: [{ name: "i", image: "i:1" }],
			}),
			of({
				containers: [
					{ name: "a", image: "a:1" },
					{ name: "b", image: "b:2" },
					{ name: "c", image: "c:1" },
				],
			}),
			["  container b:", "-   image: b:1", "+   image: b:2", "  container c:", "+   image: c:1", "  init container i:", "-   image: i:1"],
		],
		[
			"where and as whom it runs",
			of({ serviceAccountName: "a", serviceAccount: "a", nodeSelector: { disk: "ssd" }, tolerations: [{ key: "x", operator: "Exists" }] }),
			of({ serviceAccountName: "b", serviceAccount: "b", imagePullSecrets: [{ name: "r" }, { name: "s" }] }),
			[
				"+ imagePullSecrets: r, s",
				"  nodeSelector:",
				"-   disk: ssd",
				"- serviceAccountName: a",
				"+ serviceAccountName: b",
				"  tolerations:",
				"    1:",
				"-     key: x",
				"-     operator: Exists",
			],
		],
		[
			"labels and annotations",
			of({}, { labels: { app: "x", "pod-template-hash": "1" }, annotations: { "checksum/config": sum(1) } }),
			of({}, { labels: { app: "y", "pod-template-hash": "2" }, annotations: { "checksum/config": sum(2) } }),
			[
				"  annotations:",
				`-   checksum/config: "${sum(1)}"`,
				`+   checksum/config: "${sum(2)}"`,
				"  labels:",
				'-   app: "x"',
				'+   app: "y"',
			],
		],
		[
			"a header of a probe",
			app({ livenessProbe: { httpGet: { port: 1, httpHeaders: [{ name: "Authorization", value: "Basic abc" }] } } }),
			app({ livenessProbe: { httpGet: { port: 1, httpHeaders: [{ name: "Authorization", value: "Basic abd" }] } } }),
			[
				"  container app:",
				"    livenessProbe:",
				"      httpGet:",
				"        httpHeaders:",
				"-         Authorization: [hidden]",
				"+         Authorization: [hidden] (another value)",
			],
		],
	])("%s", (_what, before, after, expected) => {
		expect(difference(before, after)).toEqual(expected);
		expect(difference(after, before)).toHaveLength(expected.length);
	});

	test("what the cluster adds by itself is no difference", () => {
		const defaults = {
			...{
				terminationMessagePath: "/dev/termination-log",
				terminationMessagePolicy: "File",
				imagePullPolicy: "IfNotPresent",
				resources: {},
			},
		};
		const spec = { restartPolicy: "Always", dnsPolicy: "ClusterFirst", schedulerName: "default-scheduler", securityContext: {} };
		const whole = of(
			{ containers: [{ name: "app", image: `${IMAGE}:1`, ...defaults }], ...spec, terminationGracePeriodSeconds: 30 },
			{ creationTimestamp: null, labels: { "pod-template-hash": "abc", "controller-revision-hash": "abc" } },
		);
		expect(difference(app(), whole)).toEqual([]);
		expect(difference(app(), { ...app(), $patch: "replace" } as Template)).toEqual([]);
	});

	test("the order in which something is written is no difference, and lines come in one order", () => {
		const [x, y] = [
			{ name: "X", value: "1" },
			{ name: "Y", value: "2" },
		];
		expect(linesOf(env(x, y))).toEqual(linesOf(env(y, x)));
		expect(difference(env(x, y), env(y, x))).toEqual([]);
	});

	test("recorded revisions of a real cluster", () => {
		const sets = recorded<{ items: ReplicaSet[] }>("replicasets-3revs.json").items;
		const by = (n: number) => sets.find(({ metadata }) => metadata.annotations?.["deployment.kubernetes.io/revision"] === String(n));
		const running = recorded<Workload>("deploy-rev3-deadline-exceeded.json").spec.template;
		expect(difference(running, (by(3) as ReplicaSet).spec.template)).toEqual([]);
		expect(difference(running, (by(2) as ReplicaSet).spec.template)).toEqual([
			"  container app:",
			`-   image: ${IMAGE}:1.5.0`,
			`+   image: ${IMAGE}:1.4.2`,
			"    readinessProbe:",
			"      httpGet:",
			"-       path: /healthz",
			"-       port: 8080",
			"-     periodSeconds: 1",
		]);
		const revision = recorded<{ items: ControllerRevision[] } & ControllerRevision>("controllerrevisions-1.json");
		const { template } = (revision.items?.[0] ?? revision).data.spec;
		expect(linesOf(template).length).toBeGreaterThan(1);
	});

	test("long differences end with how many lines more there are, long lines are cut, and both stay within the message", () => {
		const many = (tag: string) => env(...Array.from({ length: 300 }, (_, n) => ({ name: `V${String(n).padStart(3, "0")}`, value: tag })));
		const lines = difference(many("a"), many("b"));
		expect(lines).toHaveLength(DIFFERENCE_LINES_MAX);
		expect(lines.at(-1)).toBe("  … 543 more lines");
		const long = (end: string) => app({ env: [{ name: "N".repeat(400), value: "word ".repeat(2000) + end }] });
		for (const line of difference(long("a"), long("b"))) expect(line.length).toBeLessThanOrEqual(DIFFERENCE_LINE_CHARS);
		const wordy = difference(literal("TEXT", `${"word ".repeat(2000)}a`), literal("TEXT", `${"word ".repeat(2000)}b`));
		expect(wordy.at(-1)).toMatch(/^\+ {5}TEXT: "word .*… \(another value\)$/);
	});

	test("a template of thousands of variables is kept in few lines, and still told apart", () => {
		const huge = (last: string) =>
			env(...Array.from({ length: 5000 }, (_, n) => ({ name: `V${String(n).padStart(4, "0")}`, value: n === 4999 ? last : "x" })));
		expect(linesOf(huge("a"))).toHaveLength(400);
		expect(difference(huge("a"), huge("b"))).toEqual(["- …: 4602 more", "+ …: 4602 more (another value)"]);
	});

	test("hostile templates are described, not believed", () => {
		const hostile = of(
			{ containers: [{ name: 'x\n- "<img>\0', image: "a\nb" }], nothing: null, list: [], deep: { a: [[1], "x"] } },
			null as never,
		);
		const lines = difference(app(), hostile);
		expect(lines.join("")).not.toMatch(/[\0\n]/);
		expect(linesOf({} as Template)).toEqual([]);
		expect(linesOf({ metadata: null, spec: { containers: undefined } } as never)).toEqual([]);
	});

	test("neighbours hold the same line once", () => {
		const before = linesOf(env({ name: "A", value: "1" }, { name: "B", value: "1" }));
		const after = shared(linesOf(env({ name: "A", value: "1" }, { name: "B", value: "2" })), before);
		expect(after.filter((line) => before.includes(line))).toHaveLength(2);
	});
});

describe("secrets do not leave the cluster", () => {
	const secret = "hunter2 and more";

	test("a hidden value that differs is seen to differ, and one that does not is not mentioned", () => {
		expect(difference(literal("DB_PASSWORD", "one"), literal("DB_PASSWORD", "two"))).toEqual([
			"  container app:",
			"    env:",
			"-     DB_PASSWORD: [hidden]",
			"+     DB_PASSWORD: [hidden] (another value)",
		]);
		expect(difference(literal("DB_PASSWORD", "one"), literal("DB_PASSWORD", "one"))).toEqual([]);
	});

	test("lines hold no secret and no digest that could be guessed at: the mark depends on this process's own key", () => {
		const [line] = linesOf(literal("DB_PASSWORD", "1234")).filter((one) => one.includes("DB_PASSWORD"));
		expect(line).toMatch(/^container app\nenv\nDB_PASSWORD\n\[hidden\]\0[\w-]{16}$/);
		expect(difference(app(), literal("DB_PASSWORD", "1234")).join()).not.toMatch(/\0/);
	});

	test.each([
		["DB_PASSWORD", "hunter2"],
		["DB_PASSWORD", "123456"],
		["API_TOKEN", "abc"],
		["token", "abc"],
		["AWS_SECRET_ACCESS_KEY", "abc/def"],
		["STRIPE_KEY", "abc"],
		["SENTRY_DSN", "https://abc@sentry.example.com/1"],
		["JWT_PRIVATE", "abc"],
		["MYSQL_PWD", "abc"],
		["DB_PASS", "abc"],
		["SMTP_AUTH", "abc"],
		["CONNECTION_STRING", "Server=db"],
		["SESSION_SALT", "abc"],
		["X_CREDENTIALS", "{}"],
	])("%s: %s is hidden by its name", (name, value) => expect(sayNamed(name, value)).toBe("[hidden]"));

	test.each([
		["POOL_MAX", "120"],
		["TOKEN_TTL", "3600s"],
		["AUTH_ENABLED", "true"],
		["KEY_ROTATION", ""],
		["PASSWORD", "$(DB_PASSWORD)"],
		["REGION", "eu-central-1"],
		["DATABASE_HOST", "checkout-production-postgres-2.internal:5432"],
		["GIT_SHA", hex(40)],
		["STARTED_AT", "2026-11-20T10:20:16Z"],
		["AUTHOR", "maya"],
	])("%s: %s is shown", (name, value) => {
		expect(isHidden(name, value)).toBe(false);
		expect(sayNamed(name, value)).toBe(value);
	});

	test.each([
		["postgres://app:hunter2@db-1/shop?sslmode=off", "postgres://[hidden]@db-1/shop?sslmode=off"],
		["amqp://app:p@ss/word@mq:5672", "amqp://[hidden]@mq:5672"],
		["app:hunter2@tcp(db:3306)/shop", "[hidden]@tcp(db:3306)/shop"],
		["host=db user=app password=hunter2", "host=db user=app password=[hidden]"],
		["Server=db;User Id=sa;Password=hunter2;", "Server=db;User Id=sa;Password=[hidden];"],
		["run with MY_KEY=abc and MODE=fast", "run with MY_KEY=[hidden] and MODE=fast"],
		[`pepper ${a(24)}`, "pepper [hidden]"],
	])("in a value: %s", (value, said) => expect(sayNamed("SETTING", value)).toEqual(said));

	test.each([
		[
			["--password=x1", "--db-password", "x2", "-v", "PGPASSWORD=x3", "--level=info"],
			["--password=[hidden]", "--db-password", "[hidden]", "-v", "PGPASSWORD=[hidden]", "--level=info"],
		],
		[
			["sh", "-c", "export API_TOKEN=abc && exec run"],
			["sh", "-c", "export API_TOKEN=[hidden] && exec run"],
		],
		[
			["--token-file", "--fast"],
			["--token-file", "--fast"],
		],
	])("in arguments: %j", (items, said) => expect(sayArguments(items)).toEqual(said));

	test.each(SECRETS)("every kind that the edge knows: %s", (_rule, value, before = "found ", after = " here") => {
		expect(sayText(before + value + after)).not.toContain(value);
		const template = app({
			env: [{ name: "SETTING", value: before + value + after }],
			args: [before + value + after],
			livenessProbe: { exec: { command: ["sh", "-c", before + value + after] } },
		});
		const all = JSON.stringify(difference(app(), { ...template, metadata: { annotations: { note: before + value + after } } } as Template));
		expect(all).not.toContain(JSON.stringify(value).slice(1, -1));
	});

	test("a value of a megabyte takes no longer than a short one, whatever it repeats", () => {
		for (const piece of ["a", "key", "://", "a:", "A1", "token=", "password: x "]) {
			const began = performance.now();
			sayText(piece.repeat(1e6 / piece.length));
			expect(performance.now() - began, piece).toBeLessThan(500);
		}
	});

	test("wherever it stands: variables, arguments, annotations, headers, options, a probe's query", () => {
		const token = join2("gh", "p_", a(36));
		const template = of(
			{
				containers: [
					{
						name: "app",
						env: [
							{ name: "X_PASSWORD", value: secret },
							{ name: "URL", value: `https://u:${secret}@h` },
						],
						args: ["--password", secret, token],
						livenessProbe: { httpGet: { path: `/x?token=${token}`, httpHeaders: [{ name: "Cookie", value: secret }] } },
						lifecycle: { preStop: { exec: { command: ["curl", "-H", `Authorization: Bearer ${token}`] } } },
					},
				],
				volumes: [{ name: "v", csi: { driver: "d", volumeAttributes: { accessKey: secret } } }],
			},
			{ annotations: { "vault/token": secret, note: token } },
		);
		const said = differenceOf([], linesOf(template)).join("\n");
		expect(said).not.toContain("hunter2");
		expect(said).not.toContain(token);
		expect(said.match(/\[hidden\]/g)?.length).toBeGreaterThanOrEqual(9);
	});
});
