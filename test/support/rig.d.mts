export type Rig = {
	what: string;
	url: string;
	dir: string;
	namespace: string;
	token: string;
	good: string;
	kubectl(...args: string[]): Promise<string>;
	asAgent(...args: string[]): Promise<{ stdout: string; stderr: string }>;
	deploy(version: string): Promise<void>;
	breakCheckout(version: string, options?: { wait?: boolean }): Promise<void>;
	// biome-ignore lint/suspicious/noExplicitAny: what Kubernetes answers
	deployment(): Promise<any>;
	stop(): Promise<void>;
};
export function openRig(kubeconfig: string, options?: { kubectl?: string }): Promise<Rig>;
