import type { CommandMark } from "#worker/wire/agent";
import type { WorkloadView } from "#worker/wire/rollback";

/** An old or present template and the annotation that the controller copied to it. */
type ReplicaSet = { hash: string; revision: number; mark: CommandMark | null };

/** One Deployment as the API server keeps it. `template` is what it should run, `hash` and `revision` what its controller has seen. */
type Workload = {
	/** Counts workloads that were made under this name. */
	incarnation: number;
	/** Counts rollouts: what "newer" means, besides a template that is not rolled out yet. */
	serial: number;
	resourceVersion: number;
	generation: number;
	observedGeneration: number;
	template: string;
	hash: string;
	revision: number;
	isPaused: boolean;
	mark: CommandMark | null;
	sets: ReplicaSet[];
};

/** What an agent sends: bound to what it read, the mark always, a template when it changes something. */
export type Patch = { resourceVersion: number; mark: CommandMark; template: string | null };

/** What a read answers with. */
export type Reading = { view: WorkloadView; resourceVersion: number };

/**
 * The API server and the deployment controller, as far as rollbacks see them. Behaves as the recordings of the real ones:
 * returning to a revision renumbers it, annotations are copied to ReplicaSets, an annotation alone raises the generation.
 */
export class Cluster {
	workload: Workload | null = null;
	isForbidden = false;
	/** ReplicaSets that the controller keeps besides the present one. */
	historyLimit = 5;
	#resourceVersion = 100;
	#incarnation = 0;
	#serial = 0;
	#templates = 0;
	readonly #broken = new Set<string>();

	/** A template nobody has seen; when it is broken, its pods will never be ready. */
	newTemplate(isBroken: boolean): string {
		const hash = `t${++this.#templates}`;
		if (isBroken) this.#broken.add(hash);
		return hash;
	}

	isBroken(hash: string): boolean {
		return this.#broken.has(hash);
	}

	create(template: string): void {
		this.workload = {
			incarnation: ++this.#incarnation,
			serial: ++this.#serial,
			resourceVersion: ++this.#resourceVersion,
			generation: 1,
			observedGeneration: 1,
			template,
			hash: template,
			revision: 1,
			isPaused: false,
			mark: null,
			sets: [{ hash: template, revision: 1, mark: null }],
		};
	}

	/** Whatever anybody changes. */
	#written(workload: Workload): void {
		workload.resourceVersion = ++this.#resourceVersion;
		workload.generation++;
	}

	/** `kubectl apply`, or a `replace` that loses annotations it does not know. */
	deploy(template: string, { keepsAnnotations }: { keepsAnnotations: boolean }): void {
		const workload = this.workload;
		if (!workload) return;
		workload.template = template;
		if (!keepsAnnotations) workload.mark = null;
		this.#written(workload);
	}

	/** A person's `kubectl rollout undo`: template and annotations of an older ReplicaSet. */
	undoByHand(set: ReplicaSet): void {
		const workload = this.workload;
		if (!workload) return;
		workload.template = set.hash;
		workload.mark = set.mark;
		this.#written(workload);
	}

	setPaused(isPaused: boolean): void {
		if (!this.workload) return;
		this.workload.isPaused = isPaused;
		this.#written(this.workload);
	}

	scale(): void {
		if (this.workload) this.#written(this.workload);
	}

	/** The controller catches up with the spec. */
	sync(): void {
		const workload = this.workload;
		if (!workload || workload.observedGeneration === workload.generation) return;
		let set = workload.sets.find(({ hash }) => hash === workload.template);
		workload.observedGeneration = workload.generation;
		// A paused deployment gets no new ReplicaSet.
		if (!set && workload.isPaused) return;
		const newest = workload.sets.reduce((most, one) => (one === set ? most : Math.max(most, one.revision)), 0);
		if (!set) {
			set = { hash: workload.template, revision: newest + 1, mark: null };
			workload.sets.push(set);
		} else if (set.revision <= newest) set.revision = newest + 1;
		// It adds and replaces annotations, and never removes one. @source SetNewReplicaSetAnnotations of the deployment controller
		set.mark = workload.mark ?? set.mark;
		if (workload.hash !== set.hash) workload.serial = ++this.#serial;
		workload.hash = set.hash;
		workload.revision = set.revision;
		workload.resourceVersion = ++this.#resourceVersion;
		if (workload.sets.length > this.historyLimit + 1) {
			const oldest = workload.sets.reduce((least, one) => (one.revision < least.revision ? one : least));
			workload.sets.splice(workload.sets.indexOf(oldest), 1);
		}
	}

	isObserved(): boolean {
		return this.workload !== null && this.workload.observedGeneration === this.workload.generation;
	}

	read(): Reading | null {
		const workload = this.workload;
		if (!workload) return null;
		return {
			resourceVersion: workload.resourceVersion,
			view: {
				revision: workload.revision,
				hash: workload.hash,
				isObserved: workload.observedGeneration === workload.generation,
				isPaused: workload.isPaused,
				mark: workload.mark,
				revisions: workload.sets.map(({ revision, hash }) => ({ revision, hash })),
				traces: workload.sets.flatMap(({ mark }) => mark?.done ?? []),
			},
		};
	}

	/** One JSON patch, or why not. `before` is told what is about to be overwritten. */
	patch(patch: Patch, { withoutTest, before }: { withoutTest: boolean; before: (workload: Workload) => void }): 200 | 403 | 404 | 422 {
		const workload = this.workload;
		if (!workload) return 404;
		if (this.isForbidden) return 403;
		if (workload.resourceVersion !== patch.resourceVersion && !withoutTest) return 422;
		if (patch.template !== null) {
			before(workload);
			workload.template = patch.template;
		}
		workload.mark = patch.mark;
		this.#written(workload);
		return 200;
	}
}
