// What tiktok-shop-client gets from the sandbox.
import { createReadStream } from "node:fs";

import { redirected } from "./redirect.mjs";
import { facts, load, print, take, takePages, tamper } from "./steps.mjs";

const { TikTokClient, authCodeToken, generateToken } = load("tiktok-shop-client");
const axios = load("axios");
const { env } = process;

// The client asks for addresses of the live host through axios.
axios.interceptors.request.use((request) => ({ ...request, url: redirected(request.url) }));

const client = TikTokClient({
  appKey: env.TIKTOK_SHOP_APP_KEY,
  appSecret: env.TIKTOK_SHOP_APP_SECRET,
  accessToken: env.TIKTOK_SHOP_ACCESS_TOKEN,
  shopCipher: env.TIKTOK_SHOP_SHOP_CIPHER,
  shopId: env.TIKTOK_SHOP_SHOP_ID,
});

const first = await take("page/0", () => client.getOrders({}));
await take("bug/the second page", () => client.getOrders({}, first.next_page_token));

await take("logistics/warehouses", () => client.getWarehouses());
await take("order/filtered", () => client.getOrders({ order_status: "AWAITING_SHIPMENT" }));
await take("product/categories", () => client.getCategories());
await take("product/stock", () => client.searchInventory({ product_ids: [facts.product_id] }));
const product = facts.product_id;
const skus = (await take("product/detail", () => client.getProduct(product))).skus;
const inventory = [{ quantity: 3 }];
await take("product/quantity", () => client.updateProductInventory(product, [{ id: skus[0].id, inventory }]));
await take("product/deactivate", () => client.deactivateProducts([product]));
await take("product/activate", () => client.activateProducts([product]));
await take("product/delete", () => client.deleteProducts([product]));
await take("product/recover", () => client.recoverProducts([product]));
await take("product/picture", () => client.addImage(createReadStream(env.PICTURE_FILE)));

const app = { appKey: env.TIKTOK_SHOP_APP_KEY, appSecret: env.TIKTOK_SHOP_APP_SECRET };
const { refresh_token } = await take("oauth/exchange", () => authCodeToken(app, facts.auth_code));
// The renewal answers the data without its envelope.
await take("oauth/refresh", async () => ({ code: 0, data: await generateToken(app, refresh_token) }));

await take("bug/an extra identifier, authorization", () => client.getShops());
await take("bug/an extra identifier, seller", () => client.getSellerShops());

tamper();
await take("tampered/get", () => client.getWarehouses());
await take("tampered/post", () => client.getOrders({ order_status: "AWAITING_SHIPMENT" }));
print();
