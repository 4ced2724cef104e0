/**
 * What Argo CD's notifications controller is told, so that it reports every sync. The same as docs/argocd/notifications.yaml, with the
 * address in its place; a test holds them together.
 */
export function notificationsPatch(url: string): string {
	return PATCH.replace("URL", url);
}

const PATCH = `data:
  service.webhook.opssight: |
    url: URL
    headers:
      - name: Authorization
        value: Bearer $opssight-token
      - name: Content-Type
        value: application/json
  template.opssight-sync: |
    webhook:
      opssight:
        method: POST
        body: |
          {"app": {{toJson .app}}, "url": {{toJson (printf "%s/applications/%s/%s" .context.argocdUrl .app.metadata.namespace .app.metadata.name)}}}
  trigger.opssight-sync: |
    - when: app.status.operationState != nil and app.status.operationState.phase in ['Running']
      oncePer: app.status.operationState.startedAt
      send: [opssight-sync]
    - when: app.status.operationState != nil and app.status.operationState.phase in ['Error', 'Failed']
      oncePer: app.status.operationState.startedAt
      send: [opssight-sync]
    - when: app.status.operationState != nil and app.status.operationState.phase in ['Succeeded'] and app.status.health.status == 'Healthy'
      oncePer: app.status.operationState.startedAt
      send: [opssight-sync]
    - when: app.status.operationState != nil and app.status.operationState.phase in ['Succeeded'] and app.status.health.status == 'Degraded'
      oncePer: app.status.operationState.startedAt
      send: [opssight-sync]
`;
