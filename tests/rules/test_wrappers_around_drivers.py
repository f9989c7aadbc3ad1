"""A class of the program around a driver: what rules of all layers say of those who use it."""

from __future__ import annotations

from pathlib import Path

from small_projects import check, report

APP = """
# app/database.py
from typing import Any
import asyncpg
class Database:
    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.pool: asyncpg.Pool | None = None
    async def connect(self) -> None:
        self.pool = await asyncpg.create_pool(self.dsn)
    async def fetch_all(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        async with self.pool.acquire() as connection:
            return [dict(row) for row in await connection.fetch(sql, *args)]
    async def fetch_one(self, sql: str, *args: Any) -> dict[str, Any] | None:
        async with self.pool.acquire() as connection:
            return await connection.fetchrow(sql, *args)
    async def execute(self, sql: str, *args: Any) -> str:
        async with self.pool.acquire() as connection:
            return await connection.execute(sql, *args)
database = Database("postgres://")
def get_db() -> Database:
    return database
# app/repositories/users.py
from typing import Any
from fastapi import HTTPException
from app.database import Database
class UserRepository:
    def __init__(self, db: Database) -> None:
        self.db = db
    async def get(self, id: int) -> dict[str, Any]:
        row = await self.db.fetch_one("SELECT * FROM users WHERE id = $1", id)
        if row is None:
            raise HTTPException(404)
        return row
# app/services/users.py
from app.database import Database
from app.repositories.users import UserRepository
class UserService:
    def __init__(self, users: UserRepository, db: Database) -> None:
        self.users = users
        self.db = db
    async def rename(self, id: int, name: str) -> None:
        await self.users.get(id)
        await self.db.execute("UPDATE users SET name = $1 WHERE id = $2", name, id)
# app/api/users.py
from typing import Annotated, Any
from fastapi import APIRouter, Depends, FastAPI, HTTPException
from app.database import Database, database, get_db
from app.repositories.users import UserRepository
from app.services.users import UserService
router = APIRouter()
Db = Annotated[Database, Depends(get_db)]
def get_service(db: Db) -> UserService:
    return UserService(UserRepository(db), db)
Service = Annotated[UserService, Depends(get_service)]
@router.get("/users")
async def list_users(db: Db) -> list[dict[str, Any]]:
    return await db.fetch_all("SELECT * FROM users")
@router.post("/users")
async def create(db: Db, name: str) -> None:
    if await db.fetch_one("SELECT 1 FROM users WHERE name = $1", name):
        raise HTTPException(409)
    await db.execute("INSERT INTO users (name) VALUES ($1)", name)
@router.post("/users/all")
async def create_all(names: list[str]) -> None:
    for name in names:
        await database.execute("INSERT INTO users (name) VALUES ($1)", name)
@router.put("/users/{id}")
async def rename(id: int, name: str, db: Db, service: Service) -> None:
    await service.rename(id, name)
app = FastAPI()
app.include_router(router)
"""

FOUND = """
warning app/api/users.py:4:1 router `app.api.users` imports `app.database.database`, used by `create_all`
  app/api/users.py:4 [app] import: app.api.users imports app.database.database
  app/api/users.py:23 [router] use: create_all uses database
  also app/api/users.py:23
  router: route decorator
  = app.api.users app.database.database
error app/api/users.py:17:14 POST /users (create) runs Database.fetch_one; not thin \
(guard on a row that exists in line 17)
  app/api/users.py:17 [router] query: create runs Database.fetch_one
  also app/api/users.py:19
  router: route decorator
  = app.api.users.create app.database.Database.fetch_one
error app/api/users.py:23:15 POST /users/all (create_all) runs Database.execute; not thin (loop in line 22)
  app/api/users.py:23 [router] query: create_all runs Database.execute
  router: route decorator
  = app.api.users.create_all app.database.Database.execute
warning app/api/users.py:25:38 PUT /users/{id} (rename) takes the Database `db` and never uses it
  app/api/users.py:25 [router] session: rename takes db
  router: route decorator
  = app.api.users.rename Database
error app/repositories/users.py:11:13 repository `UserRepository.get` raises HTTPException(404)
  app/repositories/users.py:11 [repository] raise: raise HTTPException(404)
  repository: class name *Repository
  = app.repositories.users.UserRepository.get HTTPException
warning app/services/users.py:5:47 service UserService takes the Database `db`
  app/services/users.py:5 [service] session: UserService takes db
  service: class name *Service
  = app.services.users.UserService.__init__ Database
error app/services/users.py:10:15 service UserService.rename runs Database.execute
  app/services/users.py:10 [service] query: UserService.rename runs Database.execute
  service: class name *Service
  = app.services.users.UserService.rename app.database.Database.execute
"""


def test_what_is_said_of_its_users(tmp_path: Path) -> None:
    assert report(check(tmp_path, APP)) == FOUND.strip().split("\n")
