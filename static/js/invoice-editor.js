// The header of an invoice that is being edited. Its lines are the business of line-editor.js.

const form = document.querySelector("[data-invoice-editor]");
const control = (name) => form.elements.namedItem(name);

// The due date follows the customer's terms, and the currency the customer, until somebody decides otherwise.
function factsOf(customer) {
  return JSON.parse(customer.dataset.facts || "{}");
}

function dueByTerms(customer) {
  const { terms } = factsOf(customer);
  const issued = control("issue_date").valueAsDate;
  if (terms === undefined || !issued) return "";
  issued.setUTCDate(issued.getUTCDate() + Number(terms));
  return issued.toISOString().slice(0, 10);
}

function followHeader() {
  const customer = control("customer");
  const due = control("due_date");
  const currency = control("currency");
  const currencyOf = () => factsOf(customer).currency ?? "";
  let dueBefore = dueByTerms(customer);
  let currencyBefore = currencyOf();
  const update = () => {
    if (!due.value || due.value === dueBefore) due.value = dueByTerms(customer) || due.value;
    if (!currency.value || currency.value === currencyBefore) currency.value = currencyOf() || currency.value;
    dueBefore = dueByTerms(customer);
    currencyBefore = currencyOf();
  };
  customer.addEventListener("change", update);
  control("issue_date").addEventListener("change", update);
  if (customer.value) update();
}

followHeader();
