package scripting

// integrationTable are the integration tasks of Zoho's products that scripts call
// most, as zoho.com/deluge/help documents them. A row has the names of a task,
// the named action that does it, what the task takes in its order, and what of
// the answer it gives. Tasks of Zoho CRM without a version are those of its API
// 2, whose lists come without naming fields; those with .v8. give the answer as
// it is. A name with a colon is one whose first argument names it too, and an
// action that begins with / is the path to which a file is sent.
var integrationTable = []struct {
	names           string
	service, action string
	takes           string
	gives           shape
}{
	{"zoho.crm.getRecordById", "zoho_crm", "get_record", "version=v2 module record [query:query]", firstRecord},
	{"zoho.crm.getRecords", "zoho_crm", "get_records", "version=v2 module [page:number per_page:number query:query]", allRecords},
	{"zoho.crm.searchRecords", "zoho_crm", "search_records", "version=v2 module criteria [page:number limit:number query:query]", allRecords},
	{"zoho.crm.getRelatedRecords", "zoho_crm", "related_records", "version=v2 list module record [page:number per_page:number query:query]", allRecords},
	{"zoho.crm.createRecord zoho.crm.create", "zoho_crm", "create_records", "version=v2 module data:record [options:map]", firstDetails},
	{"zoho.crm.updateRecord zoho.crm.update", "zoho_crm", "update_record", "version=v2 module record data:record [options:map]", firstDetails},
	{"zoho.crm.upsert", "zoho_crm", "upsert_records", "version=v2 module data:record [options:map]", firstDetails},
	{"zoho.crm.bulkCreate", "zoho_crm", "create_records", "version=v2 module data:list [options:map]", allRecords},
	{"zoho.crm.bulkUpdate", "zoho_crm", "update_records", "version=v2 module data:list [options:map]", allRecords},
	{"zoho.crm.updateRelatedRecord", "zoho_crm", "update_related_record", "version=v2 list related module record data:record", firstDetails},
	{"zoho.crm.convertLead", "zoho_crm", "convert_lead", "version=v2 lead [data:record]", firstRecord},
	{"zoho.crm.deleteRecord", "zoho_crm", "delete_record", "version=v2 module record", firstEntry},
	{"zoho.crm.getOrgVariable", "zoho_crm", "list_variables", "version=v2 variable:pick", pickedValue},
	{"zoho.crm.attachFile", "zoho_crm", "/crm/v2/{module}/{record}/Attachments", "module record file:file", firstEntry},
	{"zoho.crm.invokeConnector:crm.delete", "zoho_crm", "delete_records", "version=v2 values:members", withStatus},
	{"zoho.crm.invokeConnector:crm.update", "zoho_crm", "update_records", "version=v2 values:members", withStatus},

	{"zoho.crm.v8.getRecordById", "zoho_crm", "get_record", "module record [query:query]", wholeAnswer},
	{"zoho.crm.v8.getRecords", "zoho_crm", "get_records", "module [page:number per_page:number query:query]", wholeAnswer},
	{"zoho.crm.v8.searchRecords", "zoho_crm", "search_records", "module criteria [page:number limit:number query:query]", wholeAnswer},
	{"zoho.crm.v8.getRelatedRecords", "zoho_crm", "related_records", "list module record [page:number per_page:number query:query]", wholeAnswer},
	{"zoho.crm.v8.createRecord zoho.crm.v8.create", "zoho_crm", "create_records", "module data:record [options:map]", wholeAnswer},
	{"zoho.crm.v8.updateRecord", "zoho_crm", "update_record", "module record data:record [options:map]", wholeAnswer},
	{"zoho.crm.v8.upsert", "zoho_crm", "upsert_records", "module data:record [options:map]", wholeAnswer},
	{"zoho.crm.v8.bulkCreate", "zoho_crm", "create_records", "module data:list [options:map]", wholeAnswer},
	{"zoho.crm.v8.bulkUpdate", "zoho_crm", "update_records", "module data:list [options:map]", wholeAnswer},
	{"zoho.crm.v8.updateRelatedRecord", "zoho_crm", "update_related_record", "list related module record data:record", wholeAnswer},
	{"zoho.crm.v8.convertLead", "zoho_crm", "convert_lead", "lead [data:record]", wholeAnswer},
	{"zoho.crm.v8.attachFile", "zoho_crm", "/crm/v8/{module}/{record}/Attachments", "module record file:file", wholeAnswer},

	{"zoho.creator.getRecords", "zoho_creator", "get_records", "account application report [criteria from:number limit:number]", wholeAnswer},
	{"zoho.creator.getRecordById", "zoho_creator", "get_record_by_id", "account application report record", wholeAnswer},
	{"zoho.creator.createRecord", "zoho_creator", "create_record", "account application form data:either [options:map]", wholeAnswer},
	{"zoho.creator.updateRecord zoho.creator.updateRecordById", "zoho_creator", "update_record_by_id", "account application report record data:map [options:map]", wholeAnswer},
	{"zoho.creator.deleteRecord", "zoho_creator", "delete_record_by_id", "account application report record", wholeAnswer},

	{"zoho.books.getOrganizations zoho.books.getOrganization", "zoho_books", "list_organizations", "", wholeAnswer},
	{"zoho.books.getRecords", "zoho_books", "list_records", "module:lower organization [query:query]", wholeAnswer},
	{"zoho.books.getRecordsByID zoho.books.getRecordByID", "zoho_books", "get_record", "module:lower organization record", wholeAnswer},
	{"zoho.books.createRecord", "zoho_books", "create_record", "module:lower organization data:map", wholeAnswer},
	{"zoho.books.updateRecord", "zoho_books", "update_record", "module:lower organization record data:map", wholeAnswer},
	{"zoho.books.markStatus", "zoho_books", "mark_status", "module:lower organization record status:lower", wholeAnswer},
	{"zoho.books.getTemplates", "zoho_books", "list_templates", "module:lower organization", wholeAnswer},

	{"zoho.inventory.getOrganizations zoho.inventory.getOrganization", "zoho_inventory", "list_organizations", "", wholeAnswer},
	{"zoho.inventory.getRecords", "zoho_inventory", "list_records", "module:lower organization [query:query]", wholeAnswer},
	{"zoho.inventory.getRecordsByID zoho.inventory.getRecordByID", "zoho_inventory", "get_record", "module:lower organization record", wholeAnswer},
	{"zoho.inventory.createRecord", "zoho_inventory", "create_record", "module:lower organization data:map", wholeAnswer},
	{"zoho.inventory.updateRecord", "zoho_inventory", "update_record", "module:lower organization record data:map", wholeAnswer},
	{"zoho.inventory.markStatus", "zoho_inventory", "mark_status", "module:lower organization record status:lower", wholeAnswer},

	{"zoho.billing.getOrganizations zoho.subscriptions.getOrganizations", "zoho_billing", "list_organizations", "", wholeAnswer},
	{"zoho.billing.getList zoho.subscriptions.getList", "zoho_billing", "list_records", "module:lower organization [per_page:number page:number]", wholeAnswer},
	{"zoho.billing.retrieve zoho.subscriptions.retrieve", "zoho_billing", "get_record", "module:lower organization record", wholeAnswer},
	{"zoho.billing.create zoho.subscriptions.create", "zoho_billing", "create_record", "module:lower organization data:map", wholeAnswer},
	{"zoho.billing.update zoho.subscriptions.update", "zoho_billing", "update_record", "module:lower organization record data:map", wholeAnswer},

	{"zoho.desk.getRecords", "zoho_desk", "list_records", "organization module:lower [from:number limit:number query:query]", wholeAnswer},
	{"zoho.desk.getRecordById", "zoho_desk", "get_record", "organization module:lower record", wholeAnswer},
	{"zoho.desk.create", "zoho_desk", "create_record", "organization module:lower data:map", wholeAnswer},
	{"zoho.desk.update", "zoho_desk", "update_record", "organization module:lower record data:map", wholeAnswer},
	{"zoho.desk.getRelatedRecords", "zoho_desk", "related_records", "organization list module:lower record [from:number limit:number query:query]", wholeAnswer},

	{"zoho.recruit.getRecords", "zoho_recruit", "list_records", "module from:first to:last fields:columns sort_by sort_order:lower", wholeAnswer},
	{"zoho.recruit.getRecordById", "zoho_recruit", "get_record", "module record", firstRecord},
	{"zoho.recruit.addRecord", "zoho_recruit", "create_records", "module data:record [duplicates:zero trigger:workflow]", firstDetails},
	{"zoho.recruit.updateRecord", "zoho_recruit", "update_record", "module record data:record [trigger:workflow]", firstDetails},
}
